"""REST for staff and integrators: flows and their versions, from draft to retirement."""

from typing import Any

from django.db.models import Count, Q
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from flows import requests
from flows.commands import (
    CloneVersion,
    CreateDraft,
    MigrateRuns,
    PublishVersion,
    RetireVersion,
    SaveDraft,
)
from flows.documents import checked, findings_of, written
from flows.errors import FlowNotFound
from flows.models import FlowVersion, VersionStatus
from flows.permissions import check_may_read
from flows.serializers import version_body
from flows.versions import version_by_number
from stoory.api import ApiView
from stoory.commands import execute


class FlowView(ApiView):
    """A view for staff, and for integrators: whoever has any permission on flows."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        check_may_read(self.actor)


class Flows(FlowView):
    """All flows, or the first draft of a new one: `{document, notes?}`, where the document says its key."""

    serializer_class = requests.VersionForm

    def get(self, request: Request) -> Response:
        return Response({"success": True, "flows": [_flow_body(versions) for versions in _by_key().values()]})

    def post(self, request: Request) -> Response:
        return _drafted(self, None)


class Versions(FlowView):
    """The versions of a flow, the newest first, or another draft: `{document, notes?}`."""

    serializer_class = requests.VersionForm

    def get(self, request: Request, key: str) -> Response:
        versions = list(_counted().filter(key=key))
        if not versions:
            raise FlowNotFound
        return Response({"success": True, "versions": [_counted_body(version) for version in versions]})

    def post(self, request: Request, key: str) -> Response:
        return _drafted(self, key)


class Version(FlowView):
    """A version with its document, or a draft rewritten: `{document, notes?}`.

    The `ETag` is its checksum; sent as `If-Match`, it refuses to overwrite what somebody else has written since.
    """

    serializer_class = requests.VersionForm

    def get(self, request: Request, key: str, number: str) -> Response:
        return _shown(version_by_number(key, int(number)))

    def put(self, request: Request, key: str, number: str) -> Response:
        body = self.body(requests.WrittenVersion)
        version = version_by_number(key, int(number))
        saved = execute(
            SaveDraft(
                actor=self.actor,
                version_id=version.pk,
                document=_text(body),
                notes=body.notes,
                checksum=_expected(request),
            )
        )
        return _shown(saved)


class Validate(FlowView):
    """What the checks say of a version."""

    def post(self, request: Request, key: str, number: str) -> Response:
        report = checked(version_by_number(key, int(number)).document)
        return Response(
            {
                "success": True,
                "ok": not report.errors,
                "configurations": report.configurations,
                "findings": findings_of(report),
            }
        )


class Publish(FlowView):
    """Let a draft without errors drive new conversations; the version that did so is retired."""

    def post(self, request: Request, key: str, number: str) -> Response:
        version = version_by_number(key, int(number))
        return _shown(execute(PublishVersion(actor=self.actor, version_id=version.pk)))


class Retire(FlowView):
    """Let a version drive no new conversations."""

    def post(self, request: Request, key: str, number: str) -> Response:
        version = version_by_number(key, int(number))
        return _shown(execute(RetireVersion(actor=self.actor, version_id=version.pk)))


class Clone(FlowView):
    """Make a draft of what a version says."""

    def post(self, request: Request, key: str, number: str) -> Response:
        version = version_by_number(key, int(number))
        return _shown(execute(CloneVersion(actor=self.actor, version_id=version.pk)), status.HTTP_201_CREATED)


class Migrate(FlowView):
    """Move the running conversations of a version to another: `{to, mapping?, dry_run?, reason?, limit?}`.

    A dry run unless `dry_run` is false, which takes a reason. At most `limit` are moved at once; `remaining` says how
    many are left for the same request again.
    """

    serializer_class = requests.MigratingForm

    def post(self, request: Request, key: str, number: str) -> Response:
        body = self.body(requests.Migrating)
        migration = execute(
            MigrateRuns(
                actor=self.actor,
                version_id=version_by_number(key, int(number)).pk,
                to_version_id=version_by_number(key, body.to).pk,
                mapping=body.mapping,
                dry_run=body.dry_run,
                reason=body.reason,
                limit=body.limit,
            )
        )
        return Response({"success": True, "migration": migration})


def _drafted(view: FlowView, key: str | None) -> Response:
    body = view.body(requests.WrittenVersion)
    draft = execute(CreateDraft(actor=view.actor, document=_text(body), notes=body.notes or "", key=key))
    return _shown(draft, status.HTTP_201_CREATED)


def _text(body: requests.WrittenVersion) -> str:
    return body.document if isinstance(body.document, str) else written(body.document)


def _expected(request: Request) -> str | None:
    """Return the checksum that the client has seen, if it says."""
    tag = str(request.headers.get("If-Match", "*")).strip()
    return None if tag == "*" else tag.removeprefix("W/").strip('"')


def _shown(version: FlowVersion, status_code: int = status.HTTP_200_OK) -> Response:
    body = {"success": True, "version": version_body(version, has_document=True)}
    return Response(body, status=status_code, headers={"ETag": f'"{version.checksum}"'})


def _counted() -> Any:
    running = Count("runs", filter=Q(runs__outcome__isnull=True))
    versions = FlowVersion.objects.defer("document").order_by("key", "-number")
    return versions.annotate(conversations=Count("runs"), running=running)


def _counted_body(version: Any) -> dict[str, Any]:
    return version_body(version) | {"conversations": version.conversations, "running": version.running}


def _by_key() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for version in _counted():
        found.setdefault(version.key, []).append(version)
    return found


def _flow_body(versions: list[Any]) -> dict[str, Any]:
    """Return a flow; its versions are given, the newest first."""
    published = next((version for version in versions if version.status == VersionStatus.PUBLISHED), None)
    newest = published or versions[0]
    return {
        "key": newest.key,
        "conversation_type": newest.conversation_type,
        "published": published.number if published else None,
        "newest": versions[0].number,
        "drafts": [version.number for version in versions if version.status == VersionStatus.DRAFT],
        "conversations": sum(version.conversations for version in versions),
        "running": sum(version.running for version in versions),
    }
