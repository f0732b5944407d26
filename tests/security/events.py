"""Every event that a client may send, as the contracts list them, and what its fields name or hold."""

from collections.abc import Iterator
from typing import Any

import msgspec

from stoory.realtime.contracts.base import Contract, Route
from stoory.realtime.dispatch import ROUTES

NAMES = {
    "conversationId": "conversation",
    "channelId": "conversation",
    "campaignId": "campaign",
    "messageId": "message",
    "upToMessageId": "message",
    "messageIds": "message",
    "replyToId": "message",
    "userId": "user",
}
"""By field, the kind of what it names."""

HOLDS: dict[str, Any] = {
    "token": "none",
    "text": "Hi",
    "content": "Hi",
    "tempId": None,  # or else the second would be a repeat of the first
    "clientNonce": None,
    "attachments": None,
    "metadata": {"a": 1},
    "action": "accept",
    "data": {},
    "stateSeq": 0,
    "afterSeq": 0,
    "limit": 10,
    "type": ":wave:",
}
"""By field, what it may hold."""


def events() -> Iterator[tuple[str, Contract, Route[Any]]]:
    """Return every event's name with each contract that has it."""
    for name, choices in ROUTES.items():
        for contract, route in choices:
            yield name, contract, route


def fields(route: Route[Any]) -> dict[str, bool]:
    """Return the fields of a payload, and whether it needs them; one that is a bare id has the field of it."""
    if route.payload is str:
        return {"": True}
    return {field.encode_name: field.required for field in msgspec.structs.fields(route.payload)}


def kinds(route: Route[Any]) -> dict[str, str]:
    """Return the kinds of what an event's fields name."""
    return (
        {"": "conversation"}
        if route.payload is str
        else {field: NAMES[field] for field in fields(route) if field in NAMES}
    )


def payload(route: Route[Any], ids: dict[str, str], *, naming: str = "") -> Any:
    """Return a payload about these ids: of the fields that name something, those that are needed and `naming`."""
    if route.payload is str:
        return ids["conversation"]
    given = {field: value for field in fields(route) if (value := HOLDS.get(field)) is not None}
    for field, kind in kinds(route).items():
        if fields(route)[field] or field == naming:
            given[field] = [ids[kind]] if field == "messageIds" else ids[kind]
    return given
