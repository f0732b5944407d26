"""A definition as it is written: JSON text, kept as it is, which may be incomplete as long as it is a draft."""

import hashlib
import re
from typing import Any

import msgspec

from conversations.models import GUIDED_TYPES
from flows.checks import Report, check_document
from flows.errors import InvalidFlow
from flows.schema import NAME
from stoory.errors import InvalidPayload
from stoory.payloads import JsonValue, check_json, check_text

MAX_BYTES = 262_144
_KEY = re.compile(NAME, re.ASCII)


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A definition that may be incomplete: its text, what the text says, whose it is and for which conversations."""

    text: str
    content: dict[str, Any]
    key: str
    conversation_type: str

    @property
    def checksum(self) -> str:
        return checksum(self.content)


def checksum(content: JsonValue) -> str:
    """Return the SHA-256 of what a document says, however it is spaced and ordered."""
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def read_document(text: str) -> Document:
    """Return what a text says; raises `InvalidPayload` unless it is JSON that names its key and conversation type."""
    content = _content(check_text(text, "document", max_length=MAX_BYTES))
    key, kind = content.get("key"), content.get("conversation_type")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise InvalidPayload("Expected a name of small letters, digits and underscores", path="document.key")
    if kind not in GUIDED_TYPES:
        raise InvalidPayload(f"Expected one of {', '.join(GUIDED_TYPES)}", path="document.conversation_type")
    return Document(text=text, content=content, key=key, conversation_type=kind)


def written(content: JsonValue) -> str:
    """Return the text of a document that was sent as JSON among other things; its order is kept."""
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode()


def checked(text: str) -> Report:
    """Return what the checks say of a document."""
    return check_document(msgspec.json.decode(text))


def findings_of(report: Report) -> list[dict[str, str]]:
    """Return what was found, as data."""
    return [finding._asdict() for finding in report.findings]


def check_sound(text: str) -> Report:
    """Return what the checks say of a document; raises `InvalidFlow` where that includes errors."""
    report = checked(text)
    if report.errors:
        raise InvalidFlow(findings=findings_of(report))
    return report


def _content(text: str) -> dict[str, Any]:
    if len(text.encode()) > MAX_BYTES:
        raise InvalidPayload(f"Expected at most {MAX_BYTES:,} bytes", path="document")
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidPayload(f"This is not JSON: {error}", path="document") from error
    if not isinstance(content, dict):
        raise InvalidPayload("Expected an object", path="document")
    return dict(check_json(content, "document", max_bytes=MAX_BYTES))
