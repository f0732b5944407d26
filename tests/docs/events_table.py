"""The table of every event and the line that serves it: `python -m tests.docs.events_table` makes it."""

import json
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import django

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "contracts" / "golden"
CONTRACTS = ROOT / "stoory" / "realtime" / "contracts"
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
    contract = import_module(f"stoory.realtime.contracts.{family}").__dict__[family.upper()]
    for name in contract.inbound:
        yield family, SEEDS[family], "client → server", f"`{name}`", _place(family, f'"{name}": Route(')
    for name in sorted(_told(family)):
        yield family, SEEDS[family], "server → client", f"`{name}`", _place(family, f'"{name}"')


def _told(family: str) -> set[str]:
    """Return the server's events of a family: those that have a golden payload."""
    found = set()
    for path in (GOLDEN / family).glob("*.json"):
        content = json.loads(path.read_text())
        found |= {case["event"] for case in (content if isinstance(content, list) else [content])}
    return found - {"ack"}


def _place(family: str, needle: str) -> str:
    """Return a link to the last line that has `needle`: in the contract, or in what it shares with another."""
    for path in (CONTRACTS / f"{family}.py", CONTRACTS / "base.py", CONTRACTS / "messenger.py"):
        lines = [number for number, line in enumerate(path.read_text().splitlines(), 1) if needle in line]
        if lines:
            where = f"{path.relative_to(ROOT)}#L{lines[-1]}"
            return f"[`{path.name}:{lines[-1]}`](../{where})"
    raise LookupError(f"Nothing serves {needle} of {family}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoory.settings")
    django.setup()
    sys.stdout.write(table())
