"""`tail_events`: the log as it grows."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from conversations.models import Conversation
from messaging.commands import SendMessage
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.management.tailing import Tail, lines
from stoory.realtime.events import Typing
from stoory.times import utc_now

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> list[str]:
    written = StringIO()
    call_command("tail_events", *arguments, stdout=written)
    return written.getvalue().splitlines()


def say(who: User, where: Conversation, text: str) -> None:
    execute(SendMessage(actor=who.pk, conversation_id=str(where.pk), text=text))


def texts(*arguments: str) -> list[str]:
    return [json.loads(line)["data"]["message"]["text"] for line in run("--json", *arguments)]


def test_it_begins_with_the_last_ones(alice: User, direct: Conversation) -> None:
    for number in range(3):
        say(alice, direct, str(number))
    assert texts("--last", "2") == ["1", "2"]
    assert texts("--last", "0") == []


def test_it_tells_what_concerns_somebody(alice: User, direct: Conversation, channel: Conversation, staff: User) -> None:
    say(alice, direct, "between us")
    say(alice, channel, "to all")
    assert texts("--conversation", str(channel.pk)) == ["to all"]
    assert texts("--user", "bob") == texts("--user", alice.pk) == ["between us", "to all"]
    assert texts("--user", "staff") == []


def test_it_speaks_as_a_family_does(alice: User, direct: Conversation) -> None:
    say(alice, direct, "Hi")
    first = json.loads(run("--family", "chat", "--json")[0])
    assert first["kind"] == f"chat:new → room:{direct.pk}"
    assert first["data"]["message"]["message"] == "Hi"


def test_a_line_is_one_line_and_not_too_long(alice: User, direct: Conversation) -> None:
    say(alice, direct, "a\nb\x1b[2J\u202e" + "x" * 1_000)
    (line,) = run()
    assert line.isprintable()
    assert len(line) < 300
    assert f" {direct.pk} #1 message " in line


def test_what_is_committed_later_is_told_once(alice: User, direct: Conversation) -> None:
    say(alice, direct, "before")
    tail = Tail(conversation_id=str(direct.pk))
    tail.begin(0)
    assert tail.more() == []
    say(alice, direct, "after")
    assert [event.seq for event in tail.more()] == [2]
    assert tail.more() == []


def test_what_no_log_numbers_is_told_where_it_belongs(alice: User, charlie: User, direct: Conversation) -> None:
    typing = Typing(conversation_id=str(direct.pk), at=utc_now(), user_id=alice.pk, is_typing=True)
    assert Tail().concerns(typing)
    assert Tail(conversation_id=str(direct.pk)).concerns(typing)
    assert not Tail(user_id=charlie.pk).concerns(typing)
    assert [line.split(" ", 1)[1] for line in lines(typing, None, as_json=False)] == [
        f'{direct.pk} typing {{"user_id":"{alice.pk}","is_typing":true}}'
    ]


def test_nobody_of_that_name(db: None) -> None:
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        run("--user", "nobody")
    with pytest.raises(CommandError, match="'x' is no conversation's id"):
        run("--conversation", "x")
