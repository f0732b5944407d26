"""The documents as data: fenced blocks and tables with the marks before them, links, headings.

A mark is an HTML comment on the line before: `<!-- kind: name -->`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")])

MARK = re.compile(r"<!-- ([a-z]+): (.+) -->$")
FENCE = re.compile(r"```([a-z]*)$")

Row = list[str]


class Block(NamedTuple):
    """A fenced block."""

    language: str
    mark: tuple[str, str] | None
    text: str


def read(name: str) -> str:
    """Return a document, named from the root of the repository."""
    return (ROOT / name).read_text()


def blocks(text: str) -> Iterator[Block]:
    """Return the fenced blocks of a document."""
    lines = iter(text.splitlines())
    mark: tuple[str, str] | None = None
    for line in lines:
        if fence := FENCE.match(line):
            body = []
            while (inner := next(lines)) != "```":
                body.append(inner)
            yield Block(fence[1], mark, "\n".join(body) + "\n")
        found = MARK.match(line)
        mark = (found[1], found[2]) if found else None


def marked(text: str, kind: str) -> dict[str, Block]:
    """Return the blocks that are marked as of a kind, by their names."""
    return {block.mark[1]: block for block in blocks(text) if block.mark and block.mark[0] == kind}


def table(text: str, name: str) -> list[Row]:
    """Return the rows of the table marked `table: name`, without its head."""
    lines = text.splitlines()
    start = lines.index(f"<!-- table: {name} -->") + 1
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows[2:]


def in_code(cell: str) -> list[str]:
    """Return what a text has between backticks."""
    return re.findall(r"`([^`]+)`", cell)


def prose(text: str) -> str:
    """Return a document without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """Return the fragments by which a document's headings are linked; a repeated one is numbered."""
    seen: dict[str, int] = {}
    found = set()
    for title in re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        number = seen[slug] = seen.get(slug, -1) + 1
        found.add(f"{slug}-{number}" if number else slug)
    return found
