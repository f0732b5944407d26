"""What the checks say of a text, be it ever so broken."""

from functools import lru_cache

from flows.checks import Report, check_document
from flows.checks.findings import error
from flows.documents import read_document
from stoory.errors import InvalidPayload


@lru_cache(maxsize=16)
def looked_at(text: str) -> Report:
    """Return what is wrong with a document as it was written.

    To play a flow through takes a good part of a second, and whoever simulates one asks for it at every click.
    """
    try:
        return check_document(read_document(text).content)
    except InvalidPayload as refusal:
        return Report(None, [error(refusal.details["path"], refusal.message)])
