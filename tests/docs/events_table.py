"""The table of every event and the line that serves it: `python -m tests.docs.events_table` makes it."""

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import django

ROOT = Path(__file__).parents[2]
REALTIME = ROOT / "stoory" / "realtime"
CONTRACTS = REALTIME / "contracts"
SEEDS = {"chat": "000, 001", "work": "001", "feed": "002", "messenger": "003", "workspace": "004"}

HEAD = """# Every event and the line that serves it

Client → server: the line of the contract's table that routes it. Server → client: the line that names it. Made by
`python -m tests.docs.events_table`; a test compares it with the code.

| family | seeds | direction | event | served by |
|---|---|---|---|---|
"""


def table() -> str:
    """Return the document."""
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for family in SEEDS for row in _rows(family))


def _rows(family: str) -> Iterator[tuple[str, ...]]:
    registry = import_module("stoory.realtime.registry")  # only now: it needs Django
    words = next(each.words for each in registry.FAMILIES if each.name == family)
    for name in words.says:
        yield family, SEEDS[family], "client → server", f"`{name}`", _place(family, f'"{name}": Route(')
    for name in sorted(words.hears):
        yield family, SEEDS[family], "server → client", f"`{name}`", _place(family, f'"{name}"')


def _place(family: str, needle: str) -> str:
    """Return a link to the last line that has `needle`: in the contract, in what it shares with another, or beside."""
    shared = (CONTRACTS / "base.py", CONTRACTS / "messenger.py", REALTIME / "server.py")
    for path in (CONTRACTS / f"{family}.py", *shared):
        lines = [number for number, line in enumerate(path.read_text().splitlines(), 1) if needle in line]
        if lines:
            where = f"{path.relative_to(ROOT)}#L{lines[-1]}"
            return f"[`{path.name}:{lines[-1]}`](../{where})"
    raise LookupError(f"Nothing serves {needle} of {family}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoory.settings")
    django.setup()
    sys.stdout.write(table())
