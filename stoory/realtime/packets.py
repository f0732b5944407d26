"""Socket.IO packets as text: JSON by msgspec, and what no client may send refused when it is read.

The codec of python-socketio is kept but for four things that it lets through: binary attachments, whose number and
size it does not bound; event names that would run its own handlers (`connect`, `disconnect`); NaN and Infinity, at
which every JavaScript client that is sent them disconnects; events that are not a list beginning with a name.
"""

import json
from typing import Any, TypeAlias

import msgspec
from engineio import packet as engine_packet
from socketio import packet

Frame: TypeAlias = engine_packet.Packet
"""An encoded packet in its Engine.IO envelope; one object serves every recipient, its text is made once."""

RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR = (
    packet.CONNECT,
    packet.DISCONNECT,
    packet.EVENT,
    packet.ACK,
    packet.CONNECT_ERROR,
)


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
    """A Socket.IO packet that is text and makes sense; reading any other raises `ProtocolError`."""

    uses_binary_events = False
    json = Json

    def decode(self, encoded_packet: Any) -> int:
        if not isinstance(encoded_packet, str):
            raise ProtocolError("binary packets are not served")
        try:
            attachments = super().decode(encoded_packet)
        except (ValueError, RecursionError) as error:
            raise ProtocolError("unreadable packet") from error
        if attachments or not CONNECT <= self.packet_type <= ACK:
            raise ProtocolError("unexpected packet")
        if self.packet_type == EVENT and not self._is_event():
            raise ProtocolError("unexpected event")
        if self.packet_type == CONNECT and not isinstance(self.data, dict | None):
            raise ProtocolError("unexpected connect")
        return 0

    def _is_event(self) -> bool:
        match self.data:
            case [str(name), *_]:
                return name not in RESERVED
        return False


def event(namespace: str, name: str, payload: Any) -> Frame:
    """Return an EVENT packet."""
    return _frame(EVENT, namespace, encode_json((name, payload)))


def ack(namespace: str, ack_id: int, payload: Any) -> Frame:
    """Return an ACK packet."""
    return _frame(ACK, namespace, f"{ack_id}{encode_json((payload,))}")


def connect(namespace: str, sid: str) -> Frame:
    """Return a CONNECT packet."""
    return _frame(CONNECT, namespace, encode_json({"sid": sid}))


def connect_error(namespace: str, message: str, data: Any = None) -> Frame:
    """Return a CONNECT_ERROR packet: the client sees `err.message` and `err.data`."""
    body = {"message": message} if data is None else {"message": message, "data": data}
    return _frame(CONNECT_ERROR, namespace, encode_json(body))


def disconnect(namespace: str) -> Frame:
    """Return a DISCONNECT packet."""
    return _frame(DISCONNECT, namespace, "")


def noop() -> Frame:
    """Return the Engine.IO packet that only answers a poll."""
    return Frame(engine_packet.NOOP)


def _frame(kind: int, namespace: str, body: str) -> Frame:
    prefix = "" if namespace == "/" else f"{namespace},"
    return Frame(engine_packet.MESSAGE, f"{kind}{prefix}{body}")
