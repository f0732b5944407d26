"""A grammar of what may come over the wire: packets that are right, nearly right, and no packets at all."""

import json
from typing import Any

from hypothesis import strategies as st

from stoory.realtime.dispatch import ROUTES
from stoory.realtime.packets import RESERVED

NAMES = [*ROUTES, *RESERVED, "", "chat:nonsense", "__proto__", "\ud800", "\x00"]
ODD_JSON = [
    "NaN",
    "-Infinity",
    "1e999",
    "-0",
    "9" * 200,
    "[" * 33 + "]" * 33,
    "[" * 5_000,
    '{"a":' * 1_000 + "1" + "}" * 1_000,
    '"\\ud800"',
    '"\\u0000"',
    '{"__proto__":{"a":1}}',
    '{"_placeholder":true,"num":0}',
    '{"a":1,"a":2}',
    "[1,]",
    "'a'",
    "\ufeff1",
    "true false",
]
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
keys = st.sampled_from(["conversationId", "text", "token", "userId", "afterSeq", "_placeholder", "num", "role"])
values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=6
)
texts = values.map(json.dumps) | st.sampled_from(ODD_JSON)

engine = st.sampled_from(
    ["", "0", "1", "2", "2probe", "3", "3probe", "5", "6", "7", "4", "b", "bAAAA", "\x1e", "4\x1e4"]
)
namespaces = st.sampled_from(["", "/,", "/api/socket.io,", "/nowhere,", "/" + "n" * 300 + ",", "/a?b=c,", "/,,"])
ids = st.sampled_from(["", "0", "7", "-1", "00", "9" * 100, "٣", "1.5"])
attachments = st.sampled_from(["", "0-", "1-", "2-", "-1-", "9999999999-", "1-1-", "-"])
events = st.builds(
    lambda name, bodies: f"[{','.join([json.dumps(name), *bodies])}]",
    st.sampled_from(NAMES),
    st.lists(texts, max_size=3),
)
packets = st.builds(
    lambda kind, count, namespace, id, body: f"4{kind}{count}{namespace}{id}{body}",
    st.sampled_from("0122222233456789x"),
    attachments,
    namespaces,
    ids,
    events | texts | st.just(""),
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A packet of which a part is gone, doubled, or something else."""
    packet = draw(packets)
    start, end = sorted((draw(st.integers(0, len(packet))), draw(st.integers(0, len(packet)))))
    return (
        packet[:start]
        + draw(st.sampled_from(["", packet[start:end] * 2, "\x00", "\x1e", "4", "\ud800"]))
        + packet[end:]
    )


frames: st.SearchStrategy[str | bytes] = (
    packets | packets | mutated() | engine | st.text(max_size=40).map(lambda text: f"4{text}") | st.binary(max_size=40)
)
"""One frame of a WebSocket."""

bodies: st.SearchStrategy[bytes] = st.lists(frames, max_size=4).map(
    lambda parts: b"\x1e".join(
        part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass") for part in parts
    )
) | st.binary(max_size=60)
"""The body of a polling request."""
