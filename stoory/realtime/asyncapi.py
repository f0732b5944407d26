"""The AsyncAPI 3 document of the wires, made of the registry.

A channel is a family. Its messages say by `x-direction` whether a client emits them, hears them, or is acknowledged by
them; an emitted one says by `x-acknowledgement` how, by `x-answers` and `x-leads-to` what is heard of it.
"""

from functools import lru_cache
from typing import Any

from stoory.realtime.registry import FAMILIES, Emitted, Family, Heard, registry

ABOUT = (
    "Socket.IO: `io(url, { auth: { token } })`, path `/socket.io/`, namespace `/`; the workspace family also "
    "`/api/socket.io`. A channel is a family of clients, and each message an event of it. Every event that a client "
    "emits is acknowledged: `{ok: true, …}`, or `{ok: false, error: {code, message, …}}`."
)


@lru_cache
def document(host: str = "localhost:8000", protocol: str = "http") -> dict[str, Any]:
    """Return the document, for a server that is reached at `host`."""
    known = registry()
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "stoory", "version": "1.0.0", "description": ABOUT},
        "defaultContentType": "application/json",
        "servers": {
            "socketio": {
                "host": host,
                "pathname": "/socket.io/",
                "protocol": "wss" if protocol == "https" else "ws",
                "description": "Socket.IO 5 on Engine.IO 4, by WebSocket or polling: socket.io-client 3 and 4.",
                "security": [{"$ref": "#/components/securitySchemes/token"}],
            }
        },
        "channels": {family.name: _channel(family, known.emitted, known.heard) for family in FAMILIES},
        "operations": {
            **{_key(each.family, "emit", each.name): _received(each) for each in known.emitted},
            **{_key(each.family, "hear", each.name): _sent(each) for each in known.heard},
        },
        "components": {
            "schemas": known.components,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The `access` of POST /api/token/, as `auth.token` of the handshake.",
                }
            },
        },
    }


def _channel(family: Family, emitted: tuple[Emitted, ...], heard: tuple[Heard, ...]) -> dict[str, Any]:
    messages: dict[str, Any] = {}
    for each in emitted:
        if each.family == family.name:
            messages[f"emit.{_word(each.name)}"] = _emitted_message(each)
            messages[f"ack.{_word(each.name)}"] = _ack_message(each)
    for hear in heard:
        if hear.family == family.name:
            messages[f"hear.{_word(hear.name)}"] = _heard_message(hear)
    return {
        "address": "/",
        "title": family.words.title,
        "description": family.words.about,
        "messages": messages,
    }


def _emitted_message(event: Emitted) -> dict[str, Any]:
    return {
        "name": event.name,
        "title": event.name,
        "summary": event.says.summary,
        "payload": event.payload,
        "examples": [{"name": event.type_name, "payload": event.example}],
        "x-direction": "emit",
        "x-acknowledgement": f"#/channels/{event.family}/messages/ack.{_word(event.name)}",
        "x-answers": list(event.says.answers),
        "x-leads-to": list(event.says.leads_to),
        "x-errors": list(event.errors),
        "x-limit": event.limit,
    }


def _ack_message(event: Emitted) -> dict[str, Any]:
    return {
        "name": event.name,
        "title": f"Acknowledgement of {event.name}",
        "payload": {"anyOf": [event.ack, event.refusal]},
        "examples": [
            {"name": "success", "payload": event.ack_example},
            {"name": "failure", "payload": event.refusal_example},
        ],
        "x-direction": "ack",
    }


def _heard_message(event: Heard) -> dict[str, Any]:
    return {
        "name": event.name,
        "title": event.name,
        "summary": event.hears.summary,
        "payload": event.payload,
        "examples": [{"name": "example", "payload": event.example}],
        "x-direction": "hear",
        "x-heard-by": event.hears.to,
        "x-logged": event.hears.is_logged,
    }


def _received(event: Emitted) -> dict[str, Any]:
    channel = {"$ref": f"#/channels/{event.family}"}
    return {
        "action": "receive",
        "channel": channel,
        "summary": event.says.summary,
        "messages": [{"$ref": f"#/channels/{event.family}/messages/emit.{_word(event.name)}"}],
        "reply": {
            "channel": channel,
            "messages": [{"$ref": f"#/channels/{event.family}/messages/ack.{_word(event.name)}"}],
        },
    }


def _sent(event: Heard) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{event.family}"},
        "summary": event.hears.summary,
        "messages": [{"$ref": f"#/channels/{event.family}/messages/hear.{_word(event.name)}"}],
    }


def _key(family: str, direction: str, event: str) -> str:
    return f"{family}.{direction}.{_word(event)}"


def _word(event: str) -> str:
    """Return an event's name as AsyncAPI lets a key be named."""
    return event.replace(":", "-")
