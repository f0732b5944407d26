"""`prune`: what is old goes, a little at a time; who asks for it is told a gap."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken

from conversations.models import Conversation, ConversationEvent
from conversations.pruning import Excess, prune_log
from conversations.selectors import participation
from flows import work
from flows.models import FlowEffect, FlowTimer, TimerStatus
from messaging import selectors
from messaging.models import Message
from messaging.selectors import replay
from stoory.accounts.models import User
from stoory.times import utc_now
from tests.talk import say

OLD = utc_now() - timedelta(days=100)


def prune(*arguments: str) -> dict[str, Any]:
    written = StringIO()
    call_command("prune", "--days", "90", "--json", *arguments, stdout=written)
    found: dict[str, Any] = json.loads(written.getvalue())
    return found


def log(conversation: Conversation) -> list[int]:
    return list(conversation.log.order_by("seq").values_list("seq", flat=True))


def age(conversation: Conversation, up_to: int) -> None:
    ConversationEvent.objects.filter(conversation=conversation, seq__lte=up_to).update(created_at=OLD)


def after(user: User, conversation: Conversation, seq: int) -> selectors.Replay:
    return replay(participation(user.pk, str(conversation.pk)), seq)


@pytest.fixture
def talk(direct: Conversation, alice: User) -> Conversation:
    """Ten messages, of which the first four are old."""
    for number in range(10):
        say(alice, direct, str(number))
    age(direct, 4)
    return direct


def test_old_entries_go_and_messages_stay(talk: Conversation) -> None:
    assert prune()["log_entries"] == 4
    talk.refresh_from_db()
    assert (log(talk), talk.pruned_seq, talk.last_seq) == ([5, 6, 7, 8, 9, 10], 4, 10)
    assert Message.objects.count() == 10
    assert prune()["log_entries"] == 0


def test_a_reader_is_told_a_gap_and_never_a_part(talk: Conversation, bob: User) -> None:
    prune()
    assert after(bob, talk, 3).gap
    assert after(bob, talk, 3).events == []
    assert [event.seq for event in after(bob, talk, 4).events] == [5, 6, 7, 8, 9, 10]


def test_a_log_is_bounded_by_number(talk: Conversation) -> None:
    assert prune("--keep", "3")["log_entries"] == 7
    assert log(talk) == [8, 9, 10]


def test_age_wins_over_number(talk: Conversation) -> None:
    prune("--keep", "8")
    assert log(talk) == [5, 6, 7, 8, 9, 10]


def test_a_log_may_go_whole_and_goes_on_with_its_numbers(talk: Conversation, alice: User, bob: User) -> None:
    age(talk, 10)
    assert prune()["log_entries"] == 10
    assert not after(bob, talk, 10).gap
    assert say(alice, talk).message.seq == 11
    assert [event.seq for event in after(bob, talk, 10).events] == [11]


def test_other_conversations_keep_theirs(talk: Conversation, channel: Conversation, alice: User) -> None:
    say(alice, channel)
    prune("--keep", "1")
    assert (log(talk), log(channel)) == ([10], [1])


def test_a_dry_run_deletes_nothing(talk: Conversation) -> None:
    assert prune("--dry-run") == {"dry_run": True, "log_entries": 4, "effects": 0, "timers": 0, "tokens": 0}
    talk.refresh_from_db()
    assert (len(log(talk)), talk.pruned_seq) == (10, 0)


def test_it_goes_in_batches_and_is_finished_by_the_next(talk: Conversation) -> None:
    assert next(prune_log(Excess(talk.pk, 7), batch=3)) == 3  # and killed
    talk.refresh_from_db()
    assert (log(talk), talk.pruned_seq) == ([4, 5, 6, 7, 8, 9, 10], 7)
    assert prune("--batch", "3")["log_entries"] == 4
    assert log(talk) == [8, 9, 10]


def test_who_reads_while_it_is_pruned_is_told_a_gap(
    talk: Conversation, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = participation(bob.pk, str(talk.pk))  # read before, its log after
    prune("--keep", "2")
    assert replay(reader, 2).gap
    prune("--keep", "1")
    age(talk, 10)
    prune()
    assert replay(reader, 2).gap


def test_flows_forget_what_is_done(bid: Conversation) -> None:
    FlowTimer.objects.update(due_at=OLD)
    waiting = FlowTimer.objects.count()
    assert waiting
    assert prune()["timers"] == 0
    FlowTimer.objects.update(status=TimerStatus.VOID)
    assert prune()["timers"] == waiting
    assert FlowEffect.objects.count() == 0
    assert work.fire_timers() == 0


def test_expired_tokens_go_with_their_revocations(alice: User) -> None:
    expired, valid = (RefreshToken.for_user(alice) for _ in range(2))
    expired.blacklist()
    OutstandingToken.objects.filter(jti=expired["jti"]).update(expires_at=OLD)
    assert prune()["tokens"] == 1
    assert [token.jti for token in OutstandingToken.objects.all()] == [valid["jti"]]
    assert not BlacklistedToken.objects.exists()


def test_it_says_what_it_did(talk: Conversation) -> None:
    written = StringIO()
    call_command("prune", "--days", "90", stdout=written)
    assert written.getvalue() == "Deleted 4 log entries, 0 effects, 0 timers, 0 tokens.\n"


@pytest.mark.parametrize("arguments", [[], ["--days", "0"], ["--days", "1000000"], ["--days", "90", "--keep", "0"]])
def test_it_wants_to_be_told_how_much(db: None, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("prune", *arguments)
