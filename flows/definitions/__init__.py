"""The flows that the app ships."""

from functools import cache
from pathlib import Path

from flows.decoding import decode_json
from flows.schema import Definition

FOLDER = Path(__file__).parent
KEYS = ("bid", "campaign")


def document(key: str) -> bytes:
    """Return a shipped flow as the JSON text that it is kept as; raises `KeyError`."""
    if key not in KEYS:
        raise KeyError(key)
    return (FOLDER / f"{key}.json").read_bytes()


@cache
def load(key: str) -> Definition:
    """Return a shipped flow; raises `KeyError`."""
    return decode_json(document(key))
