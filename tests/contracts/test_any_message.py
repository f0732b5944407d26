"""Whatever is said, by whomever, to whomever: every family can tell it, in its own shape, and all tell the same."""

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.events import Author, MessageData, MessageSent
from stoory.realtime import packets
from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.contracts.base import Emit, ToRoom
from stoory.times import iso
from tests.contracts.golden import GOLDEN, said
from tests.contracts.samples import CAROL, context

IDS = st.uuids().map(str)
TEXTS = st.text(max_size=40)
TIMES = st.datetimes(timezones=st.just(UTC))
ROLES = st.none() | st.sampled_from(["brand_owner", "influencer", "member"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e15, 1e15) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
OBJECTS = st.none() | st.dictionaries(TEXTS, JSON, max_size=2)

FREE = (
    "attachment_metadata",
    "metadata",
    "action_data",
    "current_action_data",
)  # whatever a client or a flow has put there


@st.composite
def messages(draw: st.DrawFn) -> MessageSent:
    """Draw the event of a message as it is stored, sent by a person or by the automation."""
    conversation_id, sender, moment = draw(IDS), draw(IDS | st.just(CAROL)), draw(TIMES)
    data = MessageData(
        id=draw(IDS),
        conversation_id=conversation_id,
        seq=draw(st.integers(1, 2**53 - 1)),
        sender_id=sender,
        receiver_id=draw(st.none() | IDS),
        text=draw(TEXTS),
        message_type=draw(st.sampled_from(["user_input", "automated"])),
        attachments=draw(st.lists(OBJECTS, max_size=2) | OBJECTS),
        metadata=draw(OBJECTS),
        media_url=draw(st.none() | TEXTS),
        reply_to_id=draw(st.none() | IDS),
        action_required=draw(st.booleans()),
        action_data=draw(OBJECTS),
        reason=draw(TEXTS),
        created_at=moment,
        edited_at=draw(st.none() | TIMES),
        deleted_at=draw(st.none() | TIMES),
        seen=draw(st.booleans()),
    )
    return MessageSent(
        conversation_id=conversation_id,
        seq=data.seq,
        at=moment,
        visible_to=draw(ROLES),
        message=data,
        author=Author(id=sender, name=draw(TEXTS), image_url=draw(st.none() | TEXTS)),
        conversation=context("bid", conversation_id, flow_state=draw(st.none() | TEXTS), awaiting_role=draw(ROLES)),
        temp_id=draw(st.none() | TEXTS),
    )


any_message = given(event=messages())
quickly = settings(deadline=None, max_examples=40)


@quickly
@any_message
def test_every_family_says_it_in_json_that_every_client_reads(event: MessageSent) -> None:
    for contract in CONTRACTS:
        for emit in contract.outbound(event):
            if isinstance(emit, Emit):
                assert json.loads(packets.encode_json(emit.payload)) == emit.payload


MESSAGE_KEYS = {
    "chat": ("id", "conversation_id", "seq", "sender_id", "message", "created_at"),
    "feed": ("id", "conversation_id", "seq", "sender_id", "message", "created_at"),
    "messenger": ("id", "conversationId", "seq", "senderId", "content", "createdAt"),
    "workspace": ("id", "channelId", "seq", "userId", "content", "createdAt"),
}


def told(payload: Any) -> Iterator[dict[str, Any]]:
    """Yield the messages in a payload: what has an id and a place in the log."""
    if isinstance(payload, dict):
        if {"id", "seq"} <= payload.keys():
            yield payload
        else:
            for key, value in payload.items():
                yield from told(value) if key not in FREE else ()


@quickly
@any_message
def test_every_family_tells_the_same_message(event: MessageSent) -> None:
    message = event.message
    same = (message.id, event.conversation_id, event.seq, message.sender_id, message.text, iso(message.created_at))
    heard = [(each.family, body) for each in said(event) for body in told(each.payload)]
    assert {family for family, _ in heard} == set(MESSAGE_KEYS)
    assert {tuple(body[key] for key in MESSAGE_KEYS[family]) for family, body in heard} == {same}


@quickly
@any_message
def test_rooms_are_those_of_the_party_that_may_see_it(event: MessageSent) -> None:
    roles = [event.visible_to] if event.visible_to else ["brand_owner", "influencer", "member"]
    for contract in CONTRACTS:
        hearing = [set(contract.rooms(event.conversation_id, role)) for role in roles]
        for emit in contract.outbound(event):
            if isinstance(emit.to, ToRoom):
                assert all(emit.to.room in rooms for rooms in hearing)
                assert emit.to.room.endswith(f":{event.visible_to}") == bool(event.visible_to)


# The shape of a payload: its keys as paths, and of what kind their values are


def leaves(payload: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(payload, dict) and path.rpartition(".")[2] not in FREE:
        for key, value in payload.items():
            yield from leaves(value, f"{path}.{key}")
    else:
        yield path, type(payload).__name__


SHAPES = {(golden.family, golden.event): {path for path, _ in leaves(golden.payload)} for golden in GOLDEN}
KINDS = {(golden.family, path.rpartition(".")[2], kind) for golden in GOLDEN for path, kind in leaves(golden.payload)}


@quickly
@any_message
def test_every_payload_has_the_shape_of_its_golden_file(event: MessageSent) -> None:
    for each in said(event):
        found = dict(leaves(each.payload))
        if each.event != "conversation_list_updated":  # whose other shape tells of a state
            assert found.keys() == SHAPES[each.family, each.event]
        for path, kind in found.items():
            key = path.rpartition(".")[2]
            assert key in FREE or (each.family, key, kind) in KINDS, path
