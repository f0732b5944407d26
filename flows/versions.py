"""Versions of flows: written as drafts, published once they pass every check, and never changed after."""

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Max

from flows.commands import CloneVersion, CreateDraft, PublishVersion, RetireVersion, SaveDraft
from flows.definitions import KEYS, document
from flows.documents import Document, check_sound, read_document
from flows.errors import FlowNotFound, NotAvailable, StaleAction
from flows.models import FlowVersion, VersionStatus
from flows.permissions import check_may
from stoory.commands import handles
from stoory.errors import InvalidPayload
from stoory.times import utc_now

Result = TypeVar("Result")

SHIPPED_NOTES = "Shipped with the app."


class Loaded(NamedTuple):
    """A version that says what was to be loaded, and what came of that."""

    version: FlowVersion
    outcome: Literal["unchanged", "drafted", "published"]


# Reads


def published_version(conversation_type: str) -> FlowVersion:
    """Return the version that drives new conversations of a type; raises `NotAvailable` where there is none."""
    published = FlowVersion.objects.filter(conversation_type=conversation_type, status=VersionStatus.PUBLISHED)
    found = published.defer("document").order_by("-published_at").first()
    if found is None:
        raise NotAvailable(f"No flow is published for {conversation_type} conversations.")
    return found


def version_by_id(version_id: int) -> FlowVersion:
    """Return a version; raises `FlowNotFound`."""
    return _found(FlowVersion.objects.filter(pk=version_id).first())


def version_by_number(key: str, number: int) -> FlowVersion:
    """Return a version of a flow; raises `FlowNotFound`."""
    return _found(FlowVersion.objects.filter(key=key, number=number).first())


def current_version(key: str) -> FlowVersion:
    """Return the published version of a flow, else its newest; raises `FlowNotFound`."""
    versions = FlowVersion.objects.filter(key=key)
    return _found(versions.filter(status=VersionStatus.PUBLISHED).first() or versions.order_by("-number").first())


def _found(version: FlowVersion | None) -> FlowVersion:
    if version is None:
        raise FlowNotFound
    return version


# Drafts


@handles(CreateDraft)
def create_draft(command: CreateDraft) -> FlowVersion:
    """Write a draft with the next number of its key; raises `Forbidden`, `InvalidPayload`."""
    check_may(command.actor, "add_flowversion")
    draft = read_document(command.document)
    if command.key not in (None, draft.key):
        raise InvalidPayload(f"This is a version of {draft.key}, not of {command.key}", path="document.key")
    return _together(lambda: _number(draft, command.notes, command.actor))


@handles(CloneVersion)
def clone_version(command: CloneVersion) -> FlowVersion:
    """Write a draft that says what a version says, whatever its status; raises `Forbidden`, `FlowNotFound`."""
    check_may(command.actor, "add_flowversion")
    version = version_by_id(command.version_id)
    copy = read_document(version.document)
    return _together(lambda: _number(copy, f"Copy of version {version.number}.", command.actor))


@handles(SaveDraft)
def save_draft(command: SaveDraft) -> FlowVersion:
    """Rewrite a draft.

    Raises `Forbidden`, `FlowNotFound`, `InvalidPayload`, `NotAvailable` for what is no draft (any more), and
    `StaleAction` with the checksum that is `current` now.
    """
    check_may(command.actor, "change_flowversion")
    rewritten = read_document(command.document)
    with transaction.atomic():
        version = _found(FlowVersion.objects.select_for_update(no_key=True).filter(pk=command.version_id).first())
        _check_draft(version)
        if command.checksum not in (None, version.checksum):
            raise StaleAction("Somebody else has rewritten this draft.", current={"checksum": version.checksum})
        if rewritten.key != version.key:
            raise InvalidPayload(f"A version of {version.key} keeps this key", path="document.key")
        version.document, version.checksum = rewritten.text, rewritten.checksum
        version.conversation_type = rewritten.conversation_type
        version.notes = version.notes if command.notes is None else command.notes
        version.save()
    return version


def _check_draft(version: FlowVersion) -> None:
    if version.status != VersionStatus.DRAFT:
        raise NotAvailable(f"Version {version.number} is {version.status} and never changes. Clone it.")


def _number(draft: Document, notes: str, author: str | None) -> FlowVersion:
    """Write a draft with the next number of its key."""
    return _insert(draft, _lock(draft.key) + 1, notes, author)


def _insert(draft: Document, number: int, notes: str, author: str | None) -> FlowVersion:
    return FlowVersion.objects.create(
        key=draft.key,
        number=number,
        conversation_type=draft.conversation_type,
        document=draft.text,
        checksum=draft.checksum,
        notes=notes,
        created_by_id=author,
    )


def _lock(key: str) -> int:
    """Let nobody else number, publish or retire a version of this flow in the meantime; return its newest number.

    Where there is nothing to lock it is 0, whatever others write meanwhile: of many first versions one is written.
    """
    versions = FlowVersion.objects.filter(key=key)
    if not list(versions.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True)):
        return 0
    newest: int = versions.aggregate(number=Max("number"))["number"]  # also of who was waited for
    return newest


def _together(write: Callable[[], Result]) -> Result:
    """Write in one transaction; once more where another one wrote the first version of a flow at the same moment."""
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:  # there was no row to lock; now there is
        with transaction.atomic():
            return write()


# Publishing


@handles(PublishVersion)
def publish_version(command: PublishVersion) -> FlowVersion:
    """Let a draft drive new conversations, in the place of the version that did.

    Raises `Forbidden`, `FlowNotFound`, `NotAvailable` for what is no draft (any more), and `InvalidFlow`.
    """
    check_may(command.actor, "publish_flow")
    with transaction.atomic():
        return _publish(command.version_id, command.actor)


@handles(RetireVersion)
def retire_version(command: RetireVersion) -> FlowVersion:
    """Let a version drive no new conversations; doing it twice is once.

    Raises `Forbidden`, `FlowNotFound`, and `NotAvailable` for a draft.
    """
    check_may(command.actor, "publish_flow")
    with transaction.atomic():
        version = _locked(command.version_id)
        if version.status == VersionStatus.DRAFT:
            raise NotAvailable("A draft drives no conversations.")
        version.status = VersionStatus.RETIRED
        version.save(update_fields=["status"])
    return version


def _publish(version_id: int, publisher: str | None) -> FlowVersion:
    version = _locked(version_id)
    _check_draft(version)
    check_sound(version.document)
    FlowVersion.objects.filter(key=version.key, status=VersionStatus.PUBLISHED).update(status=VersionStatus.RETIRED)
    version.status = VersionStatus.PUBLISHED
    version.published_by_id, version.published_at = publisher, utc_now()
    version.save(update_fields=["status", "published_by", "published_at"])
    return version


def _locked(version_id: int) -> FlowVersion:
    """Return a version, all of its flow locked."""
    _lock(version_by_id(version_id).key)
    return version_by_id(version_id)


# Loading


def load(text: str, *, publish: bool, notes: str = "") -> Loaded:
    """Have a version that says what a text says; only if there is none yet, whatever its status, a new one.

    So a release's flow never displaces what staff has published after it. Raises `InvalidPayload`, `InvalidFlow`.
    """
    wanted = read_document(text)
    return _together(lambda: _load(wanted, publish, notes))


def load_shipped(*, publish: bool = True) -> list[Loaded]:
    """Load the flows that the app ships."""
    return [load(document(key).decode(), publish=publish, notes=SHIPPED_NOTES) for key in KEYS]


def _load(wanted: Document, publish: bool, notes: str) -> Loaded:
    newest = _lock(wanted.key)
    same = FlowVersion.objects.filter(key=wanted.key, checksum=wanted.checksum).order_by("-number").first()
    version = same or _insert(wanted, newest + 1, notes, None)
    if publish and version.status == VersionStatus.DRAFT:
        return Loaded(_publish(version.pk, None), "published")
    return Loaded(version, "drafted" if same is None else "unchanged")
