"""The requests of a document, with the answers that it shows behind them."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

from tests.docs.documents import Block, blocks

Answer = tuple[int, Any]


class Request(NamedTuple):
    """A request as a document shows it; alice's, unless a mark says whose."""

    user: str
    method: str
    path: str
    headers: dict[str, str]
    body: str
    shown_answer: Answer


def requests(text: str) -> Iterator[Request]:
    """Return the requests of a document, in order."""
    shown = (block for block in blocks(text) if block.language == "http")
    for block in shown:
        head, _, body = block.text.partition("\n\n")
        start, *fields = head.splitlines()
        method, path = start.split()
        user = block.mark[1] if block.mark else "alice"
        headers = dict(field.split(": ", 1) for field in fields)
        yield Request(user, method, path, headers, body.strip(), answer(next(shown)))


def answer(block: Block) -> Answer:
    """Return the status and the body that a block shows."""
    head, _, body = block.text.partition("\n\n")
    version, status, phrase = head.split(maxsplit=2)
    assert version == "HTTP/1.1"
    assert HTTPStatus(int(status)).phrase == phrase.strip()
    return int(status), json.loads(body)
