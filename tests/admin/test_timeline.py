"""The page of a conversation: its whole log as one timeline, a portion at a time, and staff who steps in."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.models import Conversation, ConversationEvent, Participant
from flows.commands import ForceState, PerformAction
from messaging.commands import DeleteMessage, EditMessage, MarkRead, SendMessage
from messaging.models import Message
from messaging.selectors import events_between
from messaging.services import send_messages
from stoory.accounts.models import User
from stoory.commands import execute
from tests.admin.conftest import ATTACK
from tests.admin.pages import faults, main_of, posted, text, url

pytestmark = pytest.mark.slow

REASON = "They asked us to."
PORTION = 50


def of(conversation: Conversation, page: str = "change") -> str:
    return url(Conversation, page, conversation.pk)


def numbers(page: str) -> list[int]:
    """The entries that a page shows, from its top."""
    return [int(seq) for seq in re.findall(r'<li id="entry-(\d+)"', page)]


def lines(page: str) -> list[str]:
    """What the entries say, from the top, without who did it."""
    said = re.findall(r"</p>\n<p>(.*?)</p>", page)
    return [re.sub(r"<strong>.*?</strong>: ", "", line) for line in said]


def say(conversation: Conversation, sender: User, count: int) -> None:
    commands = [
        SendMessage(actor=sender.pk, conversation_id=str(conversation.pk), text=f"line {n}") for n in range(count)
    ]
    send_messages(commands)


def logged(conversation: Conversation, count: int) -> None:
    """A long log, quickly."""
    ConversationEvent.objects.bulk_create(
        ConversationEvent(conversation=conversation, seq=seq, kind="message") for seq in range(1, count + 1)
    )
    Message.objects.bulk_create(
        Message(conversation=conversation, seq=seq, sender_id=str(conversation.pair_low), text=f"line {seq}")
        for seq in range(1, count + 1)
    )
    Conversation.objects.filter(pk=conversation.pk).update(last_seq=count)


def test_it_tells_all_kinds_of_entries(browser: Client, direct: Conversation, alice: User, bob: User) -> None:
    sent = execute(SendMessage(actor=alice.pk, conversation_id=str(direct.pk), text=ATTACK)).message
    execute(MarkRead(actor=bob.pk, conversation_id=str(direct.pk)))
    execute(EditMessage(actor=alice.pk, message_id=sent.id, text="kindly"))
    execute(DeleteMessage(actor=alice.pk, message_id=sent.id))
    page = main_of(browser.get(of(direct)))
    assert numbers(page) == [4, 3, 2, 1]
    assert lines(page) == ["deleted a message", "edited a message", "read 1 messages", "a message that was deleted"]
    assert faults(page) == []


def test_what_people_wrote_is_not_run(browser: Client, talk: Conversation) -> None:
    page = main_of(browser.get(of(talk)))
    assert ATTACK not in page
    assert "<blockquote>&lt;script&gt;" in page


def test_it_tells_why_staff_did_it_and_what_a_party_pressed(
    browser: Client, bid: Conversation, bob: User, staff: User
) -> None:
    data = {"reason": "busy"}
    execute(PerformAction(actor=bob.pk, conversation_id=str(bid.pk), action="reject_connection", data=data))
    execute(ForceState(actor=staff.pk, conversation_id=str(bid.pk), state="dispute", reason=REASON))
    page = main_of(browser.get(of(bid)))
    assert "pressed “reject_connection” as influencer" in page
    assert "→ dispute; chat is automated" in page
    assert f"staff:force · {REASON}" in page
    assert "for the influencer only" in page


def test_it_turns_pages_by_number(browser: Client, direct: Conversation, alice: User) -> None:
    say(direct, alice, PORTION + 3)
    newest = main_of(browser.get(of(direct)))
    assert numbers(newest) == list(range(PORTION + 3, 3, -1))
    assert 'href="?before=4"' in newest
    oldest = main_of(browser.get(of(direct), {"before": "4"}))
    assert numbers(oldest) == [3, 2, 1]
    assert "before=" not in oldest
    assert "data-entries" not in oldest


@pytest.mark.parametrize("before", ["0", "-3", "x", "9" * 40, "1 OR 1=1"])
def test_a_number_that_is_none_breaks_nothing(browser: Client, talk: Conversation, before: str) -> None:
    assert numbers(main_of(browser.get(of(talk), {"before": before}))) in ([2, 1], [])


def test_a_long_conversation_costs_no_more_than_a_short_one(browser: Client, direct: Conversation, alice: User) -> None:
    say(direct, alice, 2)
    with CaptureQueriesContext(connection) as short:
        browser.get(of(direct))
    Message.objects.all().delete()
    ConversationEvent.objects.all().delete()
    logged(direct, 5_000)
    for query in ({}, {"before": "2500"}):
        with CaptureQueriesContext(connection) as long:
            shown = numbers(main_of(browser.get(of(direct), query)))
        assert len(shown) == PORTION
        assert len(long) == len(short) <= 16
        [log] = [query["sql"] for query in long if 'FROM "conversations_conversationevent"' in query["sql"]]
        assert f"LIMIT {PORTION + 1}" in log
        assert "OFFSET" not in log
        assert not [query["sql"] for query in long if "COUNT(" in query["sql"]]


def test_it_shows_a_crowd_in_part(browser: Client, channel: Conversation) -> None:
    crowd = User.objects.bulk_create(User(username=f"fan{number}") for number in range(60))
    Participant.objects.bulk_create(Participant(conversation=channel, user=fan) for fan in crowd)
    page = main_of(browser.get(of(channel)))
    assert page.count('<td><a href="/admin/accounts/user/') == 50
    assert "All participants" in page


# Live


def news(browser: Client, conversation: Conversation, after: int) -> Any:
    response = browser.get(of(conversation, "entries"), {"after": str(after)})
    assert response.status_code == 200
    return response.json()


def test_an_open_page_asks_for_what_is_new(browser: Client, talk: Conversation, alice: User) -> None:
    page = main_of(browser.get(of(talk)))
    assert f'data-entries="{of(talk, "entries")}" data-after="2"' in page
    assert news(browser, talk, 2)["count"] == 0
    say(talk, alice, 2)
    told = news(browser, talk, 2)
    assert (told["count"], told["last_seq"], numbers(told["entries"])) == (2, 4, [4, 3])
    assert "line 1" in told["entries"]
    assert "<dd>4</dd>" in told["facts"]


def test_it_is_told_a_portion_at_a_time(browser: Client, direct: Conversation) -> None:
    logged(direct, 130)
    told = news(browser, direct, 10)
    assert (told["count"], told["last_seq"]) == (PORTION, 60)


def test_asking_costs_few_queries(browser: Client, talk: Conversation, alice: User) -> None:
    say(talk, alice, 30)
    with CaptureQueriesContext(connection) as queries:
        news(browser, talk, 2)
    assert len(queries) <= 6


def test_others_are_not_told(client: Client, talk: Conversation, alice: User) -> None:
    client.force_login(alice)
    assert client.get(of(talk, "entries")).status_code == 302
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    for page in ("entries", "change"):
        assert client.get(of(talk, page)).status_code == 403


# Stepping in


def test_it_says_something_as_the_system(browser: Client, direct: Conversation, staff: User, system_user: User) -> None:
    assert posted(browser, of(direct), deed="notice", text="Mind the rules", reason=REASON).status_code == 302
    entry = direct.log.get()
    assert (entry.actor, entry.payload) == (staff, {"note": REASON})
    page = main_of(browser.get(of(direct)))
    assert "<blockquote>Mind the rules</blockquote>" in page
    assert REASON in page


def test_it_closes_and_opens_again(browser: Client, direct: Conversation, staff: User) -> None:
    assert 'value="reopen"' not in main_of(browser.get(of(direct)))
    for deed, status in (("close", "closed"), ("reopen", "real_time")):
        assert posted(browser, of(direct), deed=deed, reason=REASON).status_code == 302
        direct.refresh_from_db()
        assert direct.chat_status == status
    assert [(entry.actor, entry.payload["reason"]) for entry in direct.log.all()] == [(staff, REASON)] * 2


def test_it_hands_back_to_the_flow(browser: Client, bid: Conversation) -> None:
    assert 'value="hand-back"' not in main_of(browser.get(of(bid)))
    posted(browser, of(bid), deed="reopen", reason=REASON)
    assert 'value="hand-back"' in main_of(browser.get(of(bid)))
    posted(browser, of(bid), deed="hand-back", reason=REASON)
    bid.refresh_from_db()
    assert bid.chat_status == "automated"


def test_it_removes_a_member(browser: Client, channel: Conversation, staff: User, direct: Conversation) -> None:
    assert 'value="remove"' not in main_of(browser.get(of(direct)))
    page = main_of(posted(browser, of(channel), deed="remove", member="nobody", reason=REASON))
    assert "Nobody of this name is in the conversation." in page
    assert posted(browser, of(channel), deed="remove", member="bob", reason=REASON).status_code == 302
    assert [place.user.username for place in channel.participants.all()] == ["alice"]
    entry = channel.log.get()
    assert (entry.kind, entry.actor, entry.payload["note"]) == ("member_removed", staff, REASON)
    [event] = events_between(str(channel.pk), 0, 1)
    assert REASON not in str(event)
    assert REASON in main_of(browser.get(of(channel)))


def test_it_acts_in_the_flow(browser: Client, bid: Conversation, staff: User) -> None:
    posted(browser, of(bid), deed="force", state="dispute", reason=REASON)
    bid.refresh_from_db()
    assert bid.flow_state == "dispute"
    assert 'value="press-resolve_resume"' in main_of(browser.get(of(bid)))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"deed": "close"}, "Say why."),
        ({"deed": "notice", "reason": REASON}, "This field is required."),
        ({"deed": "notice", "text": "Hi"}, "Say why."),
        ({"deed": "reopen", "reason": REASON}, "the conversation has moved on"),
        ({"deed": ATTACK}, "the conversation has moved on"),
        ({}, "the conversation has moved on"),
    ],
)
def test_what_can_not_be_done_is_told_and_changes_nothing(
    browser: Client, direct: Conversation, data: dict[str, str], fault: str
) -> None:
    page = text(browser.post(of(direct), data))
    assert fault in page
    assert not direct.log.exists()


def test_onlookers_see_all_and_do_nothing(client: Client, talk: Conversation, charlie: User) -> None:
    User.objects.filter(pk=charlie.pk).update(is_staff=True)
    charlie.user_permissions.add(Permission.objects.get(codename="view_conversation"))
    client.force_login(charlie)
    page = main_of(client.get(of(talk)))
    assert "<form" not in page
    assert numbers(page) == [2, 1]
    assert client.post(of(talk), {"deed": "close", "reason": REASON}).status_code == 403


@pytest.mark.parametrize("key", ["0", "x", "0197f000-0000-7000-8000-000000000000"])
def test_a_conversation_that_is_none_is_not_found(browser: Client, db: None, key: str) -> None:
    assert browser.get(url(Conversation, "change", key)).status_code == 404
