"""Versions of flows: written as drafts, published once they pass every check, and never changed after."""

import hashlib
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Max

from flows.definitions import KEYS, document
from flows.errors import NotAvailable
from flows.models import FlowVersion, VersionStatus
from stoory.times import utc_now


def published_version(conversation_type: str) -> FlowVersion:
    """Return the version that drives new conversations of a type; raises `NotAvailable` where there is none."""
    published = FlowVersion.objects.filter(conversation_type=conversation_type, status=VersionStatus.PUBLISHED)
    found = published.defer("document").order_by("-published_at").first()
    if found is None:
        raise NotAvailable(f"No flow is published for {conversation_type} conversations.")
    return found


def checksum(written: Any) -> str:
    """Return the SHA-256 of a document, however it was spaced and ordered."""
    return hashlib.sha256(msgspec.json.encode(written, order="deterministic")).hexdigest()


@transaction.atomic
def load_shipped() -> list[FlowVersion]:
    """Publish the flows that the app ships as new versions, but for those whose newest version says the same."""
    return [version for key in KEYS if (version := _load(document(key).decode())) is not None]


def _load(text: str) -> FlowVersion | None:
    written = msgspec.json.decode(text)
    of_key = FlowVersion.objects.filter(key=written["key"])
    if of_key.filter(checksum=checksum(written), status=VersionStatus.PUBLISHED).exists():
        return None
    of_key.filter(status=VersionStatus.PUBLISHED).update(status=VersionStatus.RETIRED)
    newest = of_key.aggregate(newest=Max("number"))["newest"] or 0
    return FlowVersion.objects.create(
        key=written["key"],
        number=newest + 1,
        status=VersionStatus.PUBLISHED,
        conversation_type=written["conversation_type"],
        document=text,
        checksum=checksum(written),
        notes="Shipped with the app.",
        published_at=utc_now(),
    )
