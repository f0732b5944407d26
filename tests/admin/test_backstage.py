"""The dashboard, live sockets and deliveries, with servers that answer what a test says."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.commands import RemoveMember
from conversations.models import Conversation
from messaging.commands import MarkRead, SendMessage
from messaging.models import Message
from stoory.accounts.models import User
from stoory.accounts.selectors import token_versions
from stoory.backstage import servers
from stoory.backstage.servers import Reply
from stoory.commands import execute
from tests.admin.conftest import ATTACK
from tests.admin.pages import faults, main_of, text
from tests.talk import say

Answering = Callable[..., None]

INDEX = reverse("admin:index")
SOCKETS = reverse("backstage:sockets")
DELIVERIES = reverse("backstage:deliveries")
REASON = "Its client misbehaves."
SILENT: dict[str, Any] = {"record": None, "refusals": [], "sockets": [], "ends": [], "reaches_back_to": None}


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Have one server answer, and another one be silent."""

    def answer(**by_topic: Any) -> None:
        def ask(topic: str, **about: Any) -> list[Reply]:
            told = by_topic.get(topic)
            return [Reply("server-000000aa", told(about) if callable(told) else told), Reply("server-000000bb", None)]

        monkeypatch.setattr(servers, "ask", ask)

    return answer


def line(user: User, handle: str = "f00d") -> dict[str, Any]:
    fixed = {"family": "chat", "address": ATTACK, "transport": "websocket", "since": 1.0, "waiting_bytes": 7}
    return {"user_id": user.pk, "handle": handle, **fixed}


def test_the_dashboard_says_how_things_are(
    browser: Client, answering: Answering, talk: Conversation, bid: Conversation
) -> None:
    answering(
        figures={
            "stoory_sessions": {"chat": 3, "feed": 1},
            "stoory_answer_seconds": {"send": {"p50": 0.0042, "p99": 0.031}},
            "stoory_deliveries": {"chat:new": 40, "new_message": 2},
            "stoory_lane_waiting": 5,
            "stoory_health": {"bus": "ok", "worker": 0.5},
        }
    )
    page = main_of(browser.get(INDEX))
    assert faults(page) == []
    for said in ("4.2 ms", "31 ms", ">42<", ">5<", "bus: ok", "worker: degraded", "does not answer"):
        assert said in page
    assert "influencer_responding" in page
    assert page.count("<rect") == 30


def test_the_dashboard_costs_few_and_bounded_queries(
    browser: Client, answering: Answering, direct: Conversation, alice: User
) -> None:
    answering(figures={})
    Message.objects.bulk_create(
        Message(conversation=direct, seq=seq, sender=alice, text="Hi") for seq in range(1, 2_000)
    )
    with CaptureQueriesContext(connection) as queries:
        assert "1999 in this one" in main_of(browser.get(INDEX))
    assert len(queries) <= 12
    [read] = [query["sql"] for query in queries if "messaging_message" in query["sql"]]
    assert "LIMIT 10000" in read


def test_live_sockets_are_listed(browser: Client, answering: Answering, alice: User, bob: User) -> None:
    answering(sockets={"count": 700, "sockets": [line(alice), line(bob)]})
    page = main_of(browser.get(SOCKETS))
    assert faults(page) == []
    for said in ("<dd>700</dd>", "Alice", "Bob", "f00d", "&lt;script&gt;", "does not answer"):
        assert said in page
    assert "Disconnect this one" not in page


def test_a_users_sockets_are_closed_for_a_reason(browser: Client, answering: Answering, staff: User, bob: User) -> None:
    asked: list[Any] = []

    def disconnect(about: Any) -> int:
        asked.append(about)
        return 1

    answering(sockets={"count": 1, "sockets": [line(bob)]}, disconnect=disconnect)
    assert "Disconnect this one" in main_of(browser.get(SOCKETS, {"user": "bob"}))
    there = f"{SOCKETS}?user=bob"
    assert "Say why." in text(browser.post(there, {"user_id": bob.pk}))
    assert asked == []
    for handle in ("", "f00d"):
        assert browser.post(there, {"user_id": bob.pk, "handle": handle, "reason": REASON}).status_code == 302
    assert asked == [{"user_id": bob.pk, "handle": None}, {"user_id": bob.pk, "handle": "f00d"}]
    entry = LogEntry.objects.first()
    assert entry is not None
    assert (entry.user, entry.object_id, entry.change_message) == (staff, bob.pk, f"Disconnected 1 sockets: {REASON}")


def test_a_user_is_logged_out_everywhere_for_a_reason(browser: Client, answering: Answering, bob: User) -> None:
    answering(sockets={"count": 0, "sockets": []})
    data = {"user_id": bob.pk, "log_out": "1", "reason": REASON}
    assert browser.post(f"{SOCKETS}?user=bob", data).status_code == 302
    assert token_versions([bob.pk]) == {bob.pk: 1}
    assert REASON in text(browser.get(reverse("admin:accounts_user_history", args=[bob.pk])))


def test_nobody_is_found_by_a_wrong_name(browser: Client, answering: Answering) -> None:
    answering(sockets={"count": 1, "sockets": []})
    for name in (ATTACK, "\x00"):
        assert "There is no user" in main_of(browser.get(SOCKETS, {"user": name}))


@pytest.mark.parametrize("user_id", ["", "\x00", "nobody"])
@pytest.mark.parametrize("way", [{}, {"log_out": "1"}])
def test_nobody_is_sent_away_by_a_wrong_id(
    browser: Client, answering: Answering, way: dict[str, str], user_id: str
) -> None:
    answering(sockets={"count": 0, "sockets": []})
    assert browser.post(SOCKETS, {"user_id": user_id, "reason": REASON, **way}).status_code == 302
    assert not LogEntry.objects.exists()


def delivered(message: Message, user: User, handle: str = "f00d") -> dict[str, Any]:
    at = message.created_at.timestamp()
    record = {
        "message_id": str(message.pk),
        "received_at": at - 0.002,
        "stored_at": at,
        "published_at": None,
        "delivered_at": at + 0.001,
        "emits": [{"event": "chat:new", "count": 1, "sockets": [[user.pk, handle]]}],
    }
    return SILENT | {"record": record}


def test_a_message_is_traced_from_its_sender_to_its_readers(
    browser: Client, answering: Answering, direct: Conversation, alice: User, bob: User
) -> None:
    sent = execute(
        SendMessage(actor=alice.pk, conversation_id=str(direct.pk), text="Hi", temp_id="t1", client_nonce="n1")
    )
    message = Message.objects.get(pk=sent.message.id)
    answering(trace=delivered(message, bob))
    page = main_of(browser.get(DELIVERIES, {"q": "t1"}))
    assert faults(page) == []
    for said in (
        "wrote it.",
        "Delivered to 1 socket at",
        "received from its sender",
        "Server 000000bb does not answer",
    ):
        assert said in page
    assert page.index("received from its sender") < page.index("delivered to the sockets here")


@pytest.mark.parametrize("query", [{"q": "id"}, {"q": "n1", "sender": "alice"}])
def test_what_the_servers_forgot_the_database_knows(
    browser: Client, answering: Answering, direct: Conversation, alice: User, bob: User, query: dict[str, str]
) -> None:
    sent = execute(SendMessage(actor=alice.pk, conversation_id=str(direct.pk), text="Hi", client_nonce="n1"))
    execute(MarkRead(actor=bob.pk, conversation_id=str(direct.pk)))
    answering(trace=SILENT)
    page = main_of(browser.get(DELIVERIES, query | ({"q": sent.message.id} if query["q"] == "id" else {})))
    assert "read it at" in page
    assert "No server remembers it" in page


def test_one_reader_is_asked_about(
    browser: Client, answering: Answering, channel: Conversation, alice: User, bob: User, charlie: User
) -> None:
    message = Message.objects.get(pk=say(alice, channel, "Hi").message.id)
    answering(trace=SILENT)

    def told(reader: str) -> str:
        page = main_of(browser.get(DELIVERIES, {"q": str(message.pk), "reader": reader}))
        assert faults(page) == []
        return page.partition("Did it arrive?")[2]

    assert ">bob</a>" in told("bob")
    assert ">alice</a>" not in told("bob")
    assert "charlie is not a member of this conversation" in told("charlie")
    assert "There is no user nobody." in told("nobody")
    execute(RemoveMember(actor=alice.pk, conversation_id=str(channel.pk), user_id=bob.pk))
    assert "bob is no member any more: they left, or were removed, after the message" in told("bob")


def test_a_refused_send_is_found_by_its_name(browser: Client, answering: Answering, alice: User) -> None:
    refusal = {"at": 1.0, "user_id": alice.pk, "keys": ["t1"], "event": ATTACK, "code": "automated_mode"}
    answering(trace=SILENT | {"refusals": [refusal]})
    page = main_of(browser.get(DELIVERIES, {"q": "t1"}))
    assert "automated_mode" in page
    assert ATTACK not in page


@pytest.mark.parametrize("key", ["", "nothing", "\x00", "0197f000-0000-7000-8000-000000000000", "%s' OR 1=1 --"])
def test_what_is_not_there_is_not_found(browser: Client, answering: Answering, db: None, key: str) -> None:
    answering(trace=SILENT)
    assert ("No message is stored" in main_of(browser.get(DELIVERIES, {"q": key}))) == (key not in ("", "\x00"))


@pytest.mark.parametrize("page", [SOCKETS, DELIVERIES])
def test_it_is_for_staff_who_may(client: Client, alice: User, page: str) -> None:
    client.force_login(alice)
    assert client.get(page).status_code == 302
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert client.get(page).status_code == 403


def test_without_servers_the_pages_say_so(browser: Client, db: None) -> None:
    assert "No server with sockets is alive." in main_of(browser.get(INDEX))
    assert "none answers" in main_of(browser.get(SOCKETS))
