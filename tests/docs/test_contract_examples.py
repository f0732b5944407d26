"""The payloads of docs/contracts.md are what the contracts make of the same events and results, to the letter.

Marks: `emit: NAME` is what a client sends, `ack: NAME` the acknowledgement of it, `example: NAME` what the server emits;
`NAME of FAMILY` for other families than chat.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest
from django.core.asgi import get_asgi_application

from conversations.events import ConversationContext, ConversationCreated
from messaging.commands import Read, Sent
from messaging.events import MessageData, MessageSent, MessagesRead
from stoory.accounts.models import User
from stoory.auth import issue_token
from stoory.errors import InvalidToken
from stoory.events import Event
from stoory.realtime.application import Application
from stoory.realtime.bus import BusEvent
from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.contracts.base import Authenticated, Contract, Joined, Route, Synced, as_log_entries
from stoory.realtime.contracts.chat import CHAT
from stoory.realtime.database import database
from stoory.realtime.events import TestMessageSent, Typing
from stoory.realtime.node import Node
from tests.docs.documents import in_code, marked, read, table
from tests.docs.matching import Bindings
from tests.docs.test_rest_examples import ALICE_ID, BOB_ID
from tests.sockets import SocketClient

DOCUMENT = read("docs/contracts.md")
EXAMPLES = marked(DOCUMENT, "example")
EMITS = marked(DOCUMENT, "emit")
ACKS = marked(DOCUMENT, "ack")

CONVERSATION_ID = "0197f3a1-5c00-7000-8000-000000000d01"
MESSAGE_ID = "0197f3a2-0d41-7b6e-9c55-1f0e2d3c4b5a"
SENT_AT = datetime(2026, 11, 21, 8, 40, 23, 828_000, tzinfo=UTC)
READ_AT = datetime(2026, 11, 21, 8, 40, 24, 60_000, tzinfo=UTC)

# One event of each kind, as the documents tell it

MESSAGE = MessageData(
    id=MESSAGE_ID,
    conversation_id=CONVERSATION_ID,
    seq=41,
    sender_id=ALICE_ID,
    receiver_id=BOB_ID,
    text="Hello, Bob",
    message_type="user_input",
    created_at=SENT_AT,
)
CONTEXT = ConversationContext(
    id=CONVERSATION_ID,
    conversation_type="direct",
    chat_status="real_time",
    flow_state=None,
    awaiting_role=None,
    automation_enabled=False,
)
MESSAGE_SENT = MessageSent(
    conversation_id=CONVERSATION_ID, seq=41, at=SENT_AT, message=MESSAGE, conversation=CONTEXT
)
MESSAGES_READ = MessagesRead(
    conversation_id=CONVERSATION_ID,
    seq=42,
    at=READ_AT,
    reader_id=BOB_ID,
    message_ids=[MESSAGE_ID],
    up_to_message_id=MESSAGE_ID,
)
EVENTS: tuple[Event, ...] = (
    TestMessageSent(conversation_id=CONVERSATION_ID, at=SENT_AT, message=MESSAGE),
    MESSAGE_SENT,
    MESSAGES_READ,
    Typing(conversation_id=CONVERSATION_ID, at=SENT_AT, user_id=ALICE_ID, is_typing=True),
    ConversationCreated(conversation_id=CONVERSATION_ID, at=SENT_AT, participants={}),
)

# What comes of each inbound event that is answered with more than `ok`

RESULTS: dict[str, Any] = {
    "authenticate": Authenticated(ALICE_ID),
    "chat:join": Joined(last_seq=42),
    "chat:leave": None,
    "chat:send": Sent(message=MESSAGE, event=MESSAGE_SENT),
    "chat:read": Read(event=MESSAGES_READ, last_read_seq=41, unread_count=0),
    "chat:sync": Synced(
        events=as_log_entries(CHAT, [MESSAGES_READ], CHAT.rooms(CONVERSATION_ID, "member")),
        last_seq=42,
        gap=False,
        has_more=False,
    ),
}

Open = Callable[..., Awaitable[SocketClient]]

every_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)


def title(contract: Contract, name: str) -> str:
    """How the examples of an event are marked."""
    return name if contract is CHAT else f"{name} of {contract.name}"


def taken(route: Route[Any], text: str) -> Any:
    """Return an inbound payload as its route takes it."""
    return msgspec.convert(json.loads(text), route.payload)


def emitted(contract: Contract) -> Iterable[tuple[str, Any]]:
    """Return what a contract's clients hear, by name."""
    for event in EVENTS:
        yield from ((emit.name, emit.payload) for emit in contract.outbound(event))
    for name, result in RESULTS.items():
        if name in contract.inbound:
            route = contract.inbound[name]
            yield from route.replies(taken(route, EMITS[title(contract, name)].text), result)


def test_there_is_an_event_of_each_kind() -> None:
    assert {type(event) for event in EVENTS} >= set(get_args(BusEvent))


@every_contract
def test_the_server_emits_what_is_shown(contract: Contract) -> None:
    for name, payload in dict(emitted(contract)).items():
        assert title(contract, name) in EXAMPLES, f"docs/contracts.md shows no {title(contract, name)}"
        assert json.loads(EXAMPLES[title(contract, name)].text) == payload, name


@every_contract
def test_the_server_takes_what_is_shown(contract: Contract) -> None:
    for name, route in contract.inbound.items():
        assert title(contract, name) in EMITS, f"docs/contracts.md shows no {title(contract, name)} of a client"
        text = EMITS[title(contract, name)].text
        unknown = set(json.loads(text)) - keys_of(route)
        assert not unknown, f"{name} has no {unknown}"
        route.request(ALICE_ID, taken(route, text))


@pytest.mark.parametrize("name", sorted(set(ACKS) - {"failure"}))
def test_the_server_acknowledges_as_shown(name: str) -> None:
    fields = CHAT.inbound[name].ack(RESULTS[name])

    assert json.loads(ACKS[name].text) == {"ok": True, **fields}


def test_a_failed_authentication_is_as_shown() -> None:
    assert CHAT.fault("authenticate", None, InvalidToken()) == ("auth_error", json.loads(EXAMPLES["auth_error"].text))


def test_nothing_is_shown_that_is_not_served() -> None:
    from_sockets = {"auth:expiring", "auth_error", "chat:error"}
    served = {title(contract, name) for contract in CONTRACTS for name, _ in emitted(contract)}
    taken_in = {title(contract, name) for contract in CONTRACTS for name in contract.inbound}

    assert set(EXAMPLES) == served | from_sockets
    assert set(EMITS) == taken_in


def test_the_inbound_table_names_every_key() -> None:
    documented = {
        name: {key for key in in_code(keys) if key} for names, keys, _ in table(DOCUMENT, "chat in") for name in in_code(names)
    }

    assert set(documented) == set(CHAT.inbound)
    for name, keys in documented.items():
        assert {key.rstrip("?") for key in keys} == keys_of(CHAT.inbound[name]), name
        assert required_of(CHAT.inbound[name]) <= keys, f"{name} marks as optional what it needs"


def test_the_outbound_table_names_every_key() -> None:
    documented = {name: in_code(keys) for names, _, keys in table(DOCUMENT, "chat out") for name in in_code(names)}

    assert set(documented) == {name for name in EXAMPLES if " of " not in name}
    for name, keys in documented.items():
        shown = set(json.loads(EXAMPLES[name].text))
        always = {key for key in keys if not key.endswith("?")}
        assert always <= shown <= {key.rstrip("?") for key in keys}, name


def keys_of(route: Route[Any]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(route.payload)}


def required_of(route: Route[Any]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(route.payload) if field.required}


@pytest.fixture
async def open_socket(transactional_db: None) -> AsyncIterator[Open]:
    """Sockets of a server in this process."""
    server = Application(Node(), get_asgi_application())
    opened: list[SocketClient] = []

    async def connect(user: User, lifetime: timedelta) -> SocketClient:
        socket = SocketClient(server)
        opened.append(socket)
        token = (await database(issue_token, user, lifetime))["token"]
        return await socket.connect({"token": token})

    yield connect
    for socket in opened:
        await socket.close()
    await server.node.stop()


async def test_a_socket_hears_what_no_contract_emits(open_socket: Open, alice: User) -> None:
    bindings = Bindings()
    socket = await open_socket(alice, timedelta(seconds=50))
    bindings.match(json.loads(EXAMPLES["auth:expiring"].text), await socket.expect("auth:expiring"))

    empty = json.loads(EMITS["chat:send"].text) | {"text": ""}
    bindings.match(json.loads(ACKS["failure"].text), await socket.emit("chat:send", empty))
    bindings.match(json.loads(EXAMPLES["chat:error"].text), await socket.expect("chat:error"))
