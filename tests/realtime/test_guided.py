"""Alice and bob are led by a flow, each on sockets of every family: what each of them hears, in which order."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conversations.commands import CreateConversation
from conversations.models import Conversation
from flows.commands import ReceiveProviderEvent
from messaging.models import Message
from stoory.accounts.models import SYSTEM_USER_ID, User
from stoory.commands import execute
from stoory.realtime.database import database
from tests.guided.answers import answers_to
from tests.guided.secrets import cards_in
from tests.guided.stages import STAGES
from tests.sockets import Event, SocketClient

pytestmark = pytest.mark.slow

Open = Callable[..., Awaitable[SocketClient]]
Heard = dict[str, list[Event]]

ROLES = ("influencer", "brand_owner")
CAMPAIGN = "spring"

# What each family's clients hear of an entry in the log of the chat family
ORDER: dict[str, dict[str, list[str]]] = {
    "chat": {
        "chat:automated": ["chat:automated", "conversation_list_updated"],
        "conversation_state_changed": ["conversation_state_changed", "conversation_list_updated"],
        "chat:actions_renewed": ["chat:actions_renewed", "conversation_list_updated"],
        "chat:action_done": ["chat:action_done"],
    },
    "feed": {
        "chat:automated": ["new_message", "notification"],
        "conversation_state_changed": ["conversation_state_changed"],
    },
    "messenger": {"chat:automated": ["new_message"]},
    "workspace": {"chat:automated": ["message:created"]},
    "work": {"conversation_state_changed": ["work:updated"]},
}
UPDATED = ("chat:automated", "conversation_state_changed", "chat:actions_renewed")  # tell feed and messenger each


class Party:
    """Somebody on a socket of each family."""

    def __init__(self, user: User, role: str, sockets: dict[str, SocketClient]) -> None:
        self.user = user
        self.role = role
        self.sockets = sockets
        self.card: dict[str, Any] | None = None
        self.last_seq = 0
        self.everything: list[Event] = []

    async def act(self, conversation: Conversation, action: str, answers: dict[str, Any]) -> Any:
        """Press a button of the newest card, as a client does."""
        assert self.card is not None
        button = next(button for button in self.card["buttons"] if button["id"] == action)
        payload = {
            "conversationId": str(conversation.pk),
            "action": action,
            "data": answers_to(button) | answers,
            "stateSeq": self.card["state_seq"],
        }
        return await self.sockets["chat"].emit("chat:action", payload)

    async def heard(self, conversation: Conversation) -> tuple[list[dict[str, Any]], Heard]:
        """Return what the log tells of since the last time, and what each socket has heard."""
        payload = {"conversationId": str(conversation.pk), "afterSeq": self.last_seq, "limit": 500}
        told = await self.sockets["chat"].emit("chat:sync", payload)
        self.last_seq = told["lastSeq"]
        updates = sum(event["event"] in UPDATED for event in told["events"])
        found: Heard = {}
        for family, socket in self.sockets.items():
            late = []
            if family in ("feed", "messenger"):
                late = [("conversation_updated", await socket.expect("conversation_updated")) for _ in range(updates)]
            found[family] = [*await socket.fence(), *late]
            socket.events.clear()
        self.everything += [event for events in found.values() for event in events]
        for name, body in found["chat"]:
            if name == "conversation_list_updated" and body["action"] == "state_changed":
                self.card = body["current_action_data"]
        return told["events"], found


Begin = Callable[[str], Awaitable[tuple[Conversation, dict[str, Party]]]]


@pytest.fixture
def begin(connect: Open, workspace: Open, alice: User, bob: User, shipped_flows: None) -> Begin:
    """Open a conversation, and have both parties listen in every way."""

    async def open_conversation(kind: str) -> tuple[Conversation, dict[str, Party]]:
        command = CreateConversation(
            actor=alice.pk, type=kind, participant_ids=[bob.pk], source_id=CAMPAIGN, campaign_id=CAMPAIGN
        )
        conversation = (await database(execute, command)).conversation
        parties = {"influencer": await party(bob, "influencer"), "brand_owner": await party(alice, "brand_owner")}
        for each in parties.values():
            await join(each, conversation)
        return conversation, parties

    async def party(user: User, role: str) -> Party:
        only = {family: await connect(user, contracts=[family]) for family in ("chat", "feed", "messenger", "work")}
        return Party(user, role, {**only, "workspace": await workspace(user)})

    async def join(party: Party, conversation: Conversation) -> None:
        key, sockets = str(conversation.pk), party.sockets
        assert (await sockets["chat"].emit("chat:join", {"conversationId": key, "afterSeq": 0}))["ok"]
        assert (await sockets["feed"].emit("join_conversation", {"conversationId": key}))["ok"]
        assert (await sockets["messenger"].emit("join_conversation", key))["ok"]
        assert (await sockets["work"].emit("work:join", {"campaignId": CAMPAIGN}))["ok"]
        party.card = next((card for _, body in sockets["chat"].events for card in cards_in(body)), None)
        party.last_seq = (await sockets["chat"].expect("chat:joined"))["lastSeq"]
        for socket in sockets.values():
            await socket.fence()
            socket.events.clear()

    return open_conversation


async def report(conversation: Conversation, event: str, data: dict[str, Any]) -> None:
    command = ReceiveProviderEvent(
        actor=SYSTEM_USER_ID, event_id=event, event=event, conversation_id=str(conversation.pk), data=data
    )
    await database(execute, command)


def check_heard(told: list[dict[str, Any]], heard: Heard) -> None:
    """Each family hears what the log tells, in its order; the room of the chat family exactly as the log tells it."""
    entries = [entry["event"] for entry in told]
    for family, order in ORDER.items():
        names = [name for name, _ in heard[family] if name not in ("conversation_updated", "chat:action_ack")]
        assert names == [name for entry in entries for name in order.get(entry, [])], family
    room = [{"event": name, "payload": body} for name, body in heard["chat"] if name in entries]
    assert room == [{"event": entry["event"], "payload": entry["payload"]} for entry in told]


def check_same_message(heard: Heard) -> None:
    """One stored message, told in the words of each family."""
    chat = [body["message"] for name, body in heard["chat"] if name == "chat:automated"]
    feed = [body["message"] for name, body in heard["feed"] if name == "new_message"]
    notified = [body["data"]["message"] for name, body in heard["feed"] if name == "notification"]
    messenger = [body for name, body in heard["messenger"] if name == "new_message"]
    workspace = [body["message"] for name, body in heard["workspace"] if name == "message:created"]
    assert feed == notified
    for mine, fed, bare, created in zip(chat, feed, messenger, workspace, strict=True):
        assert len({each["id"] for each in (mine, fed, bare, created)}) == 1
        assert len({each["seq"] for each in (mine, fed, bare, created)}) == 1
        assert mine["message"] == fed["message"] == bare["content"] == created["content"]
        assert (mine["action_data"], mine["action_required"]) == (fed["action_data"], fed["action_required"])
        assert (fed["message_type"], bare["messageType"], created["userId"]) == ("system", "automated", SYSTEM_USER_ID)


@pytest.mark.parametrize("kind", STAGES)
async def test_the_way_to_free_chat_in_every_family(begin: Begin, kind: str) -> None:
    conversation, parties = await begin(kind)
    for first, *rest in STAGES[kind]["free"]:
        if "." in first:
            await report(conversation, first, *(rest or [{}]))
        else:
            ack = await parties[first].act(conversation, rest[0], rest[1] if len(rest) > 1 else {})
            assert (ack["ok"], ack["replayed"]) == (True, False)
        for party in parties.values():
            told, heard = await party.heard(conversation)
            check_heard(told, heard)
            check_same_message(heard)
    await check_nothing_of_the_other(conversation, parties)
    await check_free(conversation, parties)


async def check_nothing_of_the_other(conversation: Conversation, parties: dict[str, Party]) -> None:
    messages = await database(list, Message.objects.filter(conversation=conversation))
    for role, party in parties.items():
        known = {message.text for message in messages if message.visible_to in (None, role)}
        hidden = [message for message in messages if message.visible_to not in (None, role)]
        assert hidden
        heard = str(party.everything)
        assert not [message.text for message in hidden if str(message.pk) in heard]
        assert not [message.text for message in hidden if message.text in heard and message.text not in known]
        assert {card["visible_to"] for _, body in party.everything for card in cards_in(body)} == {role}


async def check_free(conversation: Conversation, parties: dict[str, Party]) -> None:
    speaker, listener = parties["influencer"], parties["brand_owner"]
    payload = {"conversationId": str(conversation.pk), "text": "Thank you, Alice", "tempId": "t1"}
    assert (await speaker.sockets["chat"].emit("chat:send", payload))["ok"]
    assert (await listener.sockets["chat"].expect("chat:new"))["message"]["message"] == "Thank you, Alice"


async def test_one_step_in_the_words_of_the_chat_family(begin: Begin) -> None:
    conversation, parties = await begin("bid")
    bob, alice = parties["influencer"], parties["brand_owner"]
    socket = bob.sockets["chat"]
    key = str(conversation.pk)
    payload = {"conversationId": key, "action": "accept_connection", "stateSeq": 1, "clientNonce": "n1"}
    ack = await socket.emit("chat:action", payload)

    step = {
        "replayed": False,
        "flow_state": "brand_owner_details",
        "awaiting_role": "brand_owner",
        "chat_status": "automated",
        "state_seq": 2,
    }
    assert ack == {"ok": True, **step}
    told = await socket.expect("chat:action_ack")
    assert told == {"conversationId": key, "action": "accept_connection", "clientNonce": "n1", **step}
    assert (await socket.expect("conversation_state_changed")) == {
        "conversation_id": key,
        "previous_state": "influencer_responding",
        "new_state": "brand_owner_details",
        "reason": "action:accept_connection",
        "timestamp": (await alice.sockets["chat"].expect("conversation_state_changed"))["timestamp"],
        "flow_state": "brand_owner_details",
        "awaiting_role": "brand_owner",
        "chat_status": "automated",
        "seq": 5,
    }
    done = await socket.expect("chat:action_done")
    assert (done["action"], done["actor_role"], done["state_seq"], done["seq"]) == (
        *("accept_connection", "influencer", 1, 6),
    )
    asked = await alice.sockets["chat"].expect("chat:automated")
    assert asked["reason"] == "action:accept_connection"
    assert asked["message"]["action_required"] is True
    assert [button["id"] for button in asked["message"]["action_data"]["buttons"]] == ["send_project_details", "cancel"]


async def test_a_party_s_other_tabs_lock_the_card_and_the_other_party_does_not_hear_of_it(
    begin: Begin, connect: Open, bob: User
) -> None:
    conversation, parties = await begin("bid")
    tab = await connect(bob, conversation)
    await parties["influencer"].act(conversation, "accept_connection", {})

    assert (await tab.expect("chat:action_done"))["action"] == "accept_connection"
    await parties["brand_owner"].sockets["chat"].fence()
    assert parties["brand_owner"].sockets["chat"].heard("chat:action_done") == []


async def test_a_double_click_is_told_once(begin: Begin) -> None:
    conversation, parties = await begin("bid")
    payload = {"conversationId": str(conversation.pk), "action": "accept_connection", "stateSeq": 1}
    socket = parties["influencer"].sockets["chat"]
    acks = [await ack for ack in [socket.emit("chat:action", payload) for _ in range(3)]]

    assert [ack["replayed"] for ack in acks] == [False, True, True]
    assert [ack["state_seq"] for ack in acks] == [2, 2, 2]
    for party in parties.values():
        told, heard = await party.heard(conversation)
        check_heard(told, heard)
        assert [entry["event"] for entry in told].count("conversation_state_changed") == 1


# Refusals

REFUSED: dict[str, tuple[str, dict[str, Any], str, list[str]]] = {
    "the other party's button": ("brand_owner", {"action": "accept_connection"}, "wrong_role", ["current"]),
    "a step to come": ("influencer", {"action": "accept_connection", "stateSeq": 9}, "stale_action", ["current"]),
    "another state's": ("influencer", {"action": "accept_price"}, "stale_action", ["current"]),
    "nobody's": ("influencer", {"action": "open_sesame"}, "unknown_action", ["current"]),
    "a bad answer": (
        "influencer",
        {"action": "reject_connection", "data": {"reason": "moody"}},
        "invalid_input",
        ["fields", "current"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_refusal_is_told_to_who_pressed_alone(begin: Begin, case: str) -> None:
    role, pressed, code, details = REFUSED[case]
    conversation, parties = await begin("bid")
    socket = parties[role].sockets["chat"]
    ack = await socket.emit("chat:action", {"conversationId": str(conversation.pk), "clientNonce": "n1", **pressed})

    fault = await socket.expect("chat:error")
    assert (fault["code"], fault["event"], fault["clientNonce"]) == (code, "chat:action", "n1")
    assert set(fault) == {"message", "code", "event", "clientNonce", *details}
    assert fault["current"] == {"state_seq": 1, "flow_state": "influencer_responding"}
    assert ack == {"ok": False, "error": {name: fault[name] for name in ("code", "message", *details)}}
    for party in parties.values():
        told, heard = await party.heard(conversation)
        assert (told, set(map(len, heard.values()))) == ([], {0})


async def test_an_outsider_hears_nothing_and_learns_nothing(begin: Begin, connect: Open, charlie: User) -> None:
    conversation, parties = await begin("bid")
    socket = await connect(charlie)
    for event in ("chat:join", "chat:action", "chat:sync"):
        payload = {"conversationId": str(conversation.pk), "action": "accept_connection", "afterSeq": 0}
        ack = await socket.emit(event, payload)
        assert ack == {"ok": False, "error": {"code": "not_found", "message": "Conversation not found"}}
    socket.events.clear()
    await parties["influencer"].act(conversation, "accept_connection", {})
    assert await socket.fence() == []
