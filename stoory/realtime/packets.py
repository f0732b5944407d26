"""Socket.IO packets as text: JSON by msgspec, and what no client may send refused when it is read.

The codec of python-socketio is kept but for four things that it lets through: binary attachments, whose number and
size it does not bound; event names that would run its own handlers (`connect`, `disconnect`); NaN and Infinity, at
which every JavaScript client that is sent them disconnects; events that are not a list beginning with a name.
"""

import json
from typing import Any

import msgspec
from socketio import packet

from stoory.realtime.frames import Frame as Frame

RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR = (
    packet.CONNECT,
    packet.DISCONNECT,
    packet.EVENT,
    packet.ACK,
    packet.CONNECT_ERROR,
)

EVENTS = (packet.EVENT, packet.BINARY_EVENT)
ACKS = (packet.ACK, packet.BINARY_ACK)
BINARY = (packet.BINARY_EVENT, packet.BINARY_ACK)


class ProtocolError(Exception):
    """The peer does not speak Socket.IO as we serve it; its connection is closed."""


def encode_json(value: Any) -> str:
    """Return `value` as JSON text."""
    return msgspec.json.encode(value).decode()


def decode_json(text: str) -> Any:
    """Return what `text` spells. Lone surrogates pass, so that the event that holds one can be answered."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class Json:
    """The codec in the shape that python-socketio asks for."""

    @staticmethod
    def dumps(value: Any, **options: Any) -> str:
        return encode_json(value)

    @staticmethod
    def loads(text: str, **options: Any) -> Any:
        return decode_json(text)


class Packet(packet.Packet):  # type: ignore[misc]  # python-socketio is not typed
    """A Socket.IO packet that makes sense; reading any other raises `ProtocolError`.

    Without `max_attachments`, which is how ours are, no packet is binary.
    """

    max_attachments = 0
    uses_binary_events = False
    json = Json

    def decode(self, encoded_packet: Any) -> int:
        if not isinstance(encoded_packet, str):
            raise ProtocolError("unexpected binary data")
        try:
            attachments: int = super().decode(encoded_packet)
            (self.namespace or "").encode()  # as the answer will be: half a surrogate pair has no bytes
        except (ValueError, RecursionError) as error:
            raise ProtocolError("unreadable packet") from error
        self._check(attachments)
        return attachments

    def complete(self, attachment: Any) -> bool:
        """Add binary data that was announced; return whether all of it has come."""
        if not isinstance(attachment, bytes):
            raise ProtocolError("binary data is missing")
        try:
            return bool(self.add_attachment(attachment))
        except (ValueError, TypeError, LookupError) as error:
            raise ProtocolError("binary data without a place") from error

    def _check(self, attachments: int) -> None:
        if attachments > self.max_attachments or (attachments > 0) != (self.packet_type in BINARY):
            raise ProtocolError("unexpected binary packet")
        match self.packet_type:
            case packet.EVENT | packet.BINARY_EVENT:
                makes_sense = self._is_event()
            case packet.CONNECT:
                makes_sense = isinstance(self.data, dict | None)
            case packet.ACK | packet.BINARY_ACK:
                makes_sense = isinstance(self.data, list) and self.id is not None
            case packet.DISCONNECT:
                makes_sense = self.data is None
            case _:
                makes_sense = False
        if not makes_sense:
            raise ProtocolError("unexpected packet")

    def _is_event(self) -> bool:
        match self.data:
            case [str(name), *_]:
                return name not in RESERVED
        return False


def read(kind: type[Packet], data: str | bytes) -> Packet:
    """Return the packet that a message is; raises `ProtocolError`."""
    if not data:
        raise ProtocolError("an empty packet")
    return kind(encoded_packet=data)


def event(namespace: str, name: str, payload: Any, *, is_ephemeral: bool = False) -> Frame:
    """Return an EVENT packet."""
    return _frame(EVENT, namespace, msgspec.json.encode((name, payload)), is_ephemeral=is_ephemeral)


def ack(namespace: str, ack_id: int, payload: Any) -> Frame:
    """Return an ACK packet."""
    return _frame(ACK, namespace, b"%d%b" % (ack_id, msgspec.json.encode((payload,))))


def connect(namespace: str, sid: str) -> Frame:
    """Return a CONNECT packet."""
    return _frame(CONNECT, namespace, msgspec.json.encode({"sid": sid}))


def connect_error(namespace: str, message: str, data: Any = None) -> Frame:
    """Return a CONNECT_ERROR packet: the client sees `err.message` and `err.data`."""
    body = {"message": message} if data is None else {"message": message, "data": data}
    return _frame(CONNECT_ERROR, namespace, msgspec.json.encode(body))


def disconnect(namespace: str) -> Frame:
    """Return a DISCONNECT packet."""
    return _frame(DISCONNECT, namespace, b"")


def _frame(kind: int, namespace: str, body: bytes, *, is_ephemeral: bool = False) -> Frame:
    """Return a packet in its envelope, an Engine.IO message (4)."""
    prefix = b"" if namespace == "/" else namespace.encode() + b","
    return Frame(b"4%d%b%b" % (kind, prefix, body), is_ephemeral=is_ephemeral)
