"""What REST for flows and their versions takes and answers, for people who call it."""

from typing import Annotated, Any, TypedDict

from msgspec import Meta

from flows import requests
from flows.analytics import OutcomeFigures, ReminderFigures, StateFigures
from flows.commands import Migration
from flows.shapes import CountedVersion, Flow, StateName, Version
from flows.simulation import Script
from messaging.shapes import Button
from stoory.documents.operations import Operation, Operations, Success, Text

Locale = Annotated[str, Meta(description="A language, like `en`.", examples=["en"])]

# What is asked


class DrawingQuery(TypedDict, total=False):
    """How to draw it."""

    counts: Annotated[str, Meta(description="`1`: with how many conversations are in each state.")]
    state: Annotated[str, Meta(description="The state to mark.")]
    locale: Locale


class DiffQuery(TypedDict, total=False):
    """With what to compare."""

    against: Annotated[
        int, Meta(description="A version's number; without it the published one, or the one before.", ge=0)
    ]


_DAY = "A day or a moment, in UTC unless it says otherwise, like `2026-12-31`."
AnalyticsQuery = TypedDict(
    "AnalyticsQuery",
    {
        "from": Annotated[str, Meta(description=_DAY)],
        "to": Annotated[str, Meta(description=f"{_DAY} Excluded.")],
        "version": Annotated[int, Meta(description="A version's number; once or more.", ge=1, le=999_999_999)],
    },
    total=False,
)


# What is answered


class Flows(Success):
    """All flows."""

    flows: list[Flow]


class Versions(Success):
    """The versions of a flow, the newest first."""

    versions: list[CountedVersion]


class ShownVersion(Success):
    """A version, with its document."""

    version: Version


class Finding(TypedDict):
    """What is wrong, and where."""

    path: Annotated[str, Meta(examples=["schema"])]
    severity: Annotated[str, Meta(extra_json_schema={"enum": ["error", "warning"]})]
    message: Annotated[str, Meta(examples=["This field is required"])]


class Validated(Success):
    """What the checks say."""

    ok: Annotated[bool, Meta(description="It can be published.")]
    configurations: Annotated[int, Meta(description="How many situations were looked at.")]
    findings: list[Finding]


class Difference(TypedDict):
    """A part that is different."""

    path: Annotated[str, Meta(examples=["states.work_submitted.title"])]
    change: Annotated[str, Meta(extra_json_schema={"enum": ["added", "removed", "changed", "reordered"]})]
    before: Annotated[Any, Meta(examples=["Work"])]
    after: Annotated[Any, Meta(examples=["The work"])]
    text: str


class Differences(Success):
    """What is different from another version."""

    against: Annotated[int, Meta(examples=[1])]
    differences: list[Difference]
    occupied: Annotated[dict[str, int], Meta(description="Where that one's running conversations are.")]
    gone: Annotated[list[str], Meta(description="Which of these states are no more.")]


class Played(Success):
    """What each step led to, and the buttons that every role has at the end."""

    steps: list[dict[str, Any]]
    state: StateName
    actions: dict[str, list[Button]]


class Migrated(Success):
    """What was moved, or would be."""

    migration: Migration


class Analytics(Success):
    """What became of the conversations."""

    key: Annotated[str, Meta(examples=["bid"])]
    versions: Annotated[list[int] | None, Meta(examples=[None])]
    started: int
    states: list[StateFigures]
    outcomes: list[OutcomeFigures]
    reminders: list[ReminderFigures]
    counters: dict[str, float]


# The routes

FLOW = "/api/flows/{key}"
VERSION = f"{FLOW}/versions/{{number}}"
INTEGRATORS = "For staff, and for integrators: whoever has a permission on flows."

DOCUMENT = {"document": {"key": "bid", "conversation_type": "bid", "states": {}}, "notes": "A first draft"}

OPERATIONS: Operations = {
    "GET /api/flows": Operation(
        tag="Flows", summary="List the flows", about=INTEGRATORS, answers={200: Flows}, errors=("forbidden",)
    ),
    "POST /api/flows": Operation(
        tag="Flows",
        summary="Write the first draft of a new flow",
        about=INTEGRATORS,
        body=requests.WrittenVersion,
        example=DOCUMENT,
        answers={201: ShownVersion},
        errors=("forbidden",),
    ),
    "GET /api/flows/schema.json": Operation(
        tag="Flows",
        summary="Read the JSON Schema of definitions",
        about=INTEGRATORS,
        answers={200: dict[str, Any]},
        errors=("forbidden",),
    ),
    f"GET {FLOW}/analytics": Operation(
        tag="Flows",
        summary="Read how the conversations of a flow fare",
        about=INTEGRATORS,
        query=AnalyticsQuery,
        answers={200: Analytics},
        errors=("forbidden", "not_found"),
    ),
    f"GET {FLOW}/versions": Operation(
        tag="Flows",
        summary="List the versions of a flow, the newest first",
        about=INTEGRATORS,
        answers={200: Versions},
        errors=("forbidden", "not_found"),
    ),
    f"POST {FLOW}/versions": Operation(
        tag="Flows",
        summary="Write another version of a flow, a draft",
        about=INTEGRATORS,
        body=requests.WrittenVersion,
        example=DOCUMENT,
        answers={201: ShownVersion},
        errors=("forbidden", "not_found"),
    ),
    f"GET {VERSION}": Operation(
        tag="Flows",
        summary="Read a version with its document",
        about=f"{INTEGRATORS} The header `ETag` is its checksum.",
        answers={200: ShownVersion},
        errors=("forbidden", "not_found"),
    ),
    f"PUT {VERSION}": Operation(
        tag="Flows",
        summary="Rewrite a draft",
        about=INTEGRATORS,
        headers={
            "If-Match": "The `ETag` that you have seen: refuses to overwrite what somebody else has written since."
        },
        body=requests.WrittenVersion,
        example=DOCUMENT,
        answers={200: ShownVersion},
        errors=("forbidden", "not_found", "not_available", "stale_action"),
    ),
    f"POST {VERSION}/validate": Operation(
        tag="Flows",
        summary="Run the checks on a version",
        about=INTEGRATORS,
        answers={200: Validated},
        errors=("forbidden", "not_found"),
    ),
    f"POST {VERSION}/publish": Operation(
        tag="Flows",
        summary="Let a draft without errors lead new conversations",
        about="Takes the permission `flows.publish_flow`.",
        answers={200: ShownVersion},
        errors=("forbidden", "not_found", "not_available", "invalid_flow"),
    ),
    f"POST {VERSION}/retire": Operation(
        tag="Flows",
        summary="Let a version lead no new conversations",
        about="Takes the permission `flows.publish_flow`.",
        answers={200: ShownVersion},
        errors=("forbidden", "not_found", "not_available"),
    ),
    f"POST {VERSION}/clone": Operation(
        tag="Flows",
        summary="Make a draft of what a version says",
        about=INTEGRATORS,
        answers={201: ShownVersion},
        errors=("forbidden", "not_found"),
    ),
    f"POST {VERSION}/migrate": Operation(
        tag="Flows",
        summary="Move the running conversations of a version to another",
        about="A dry run unless `dry_run` is false, which takes a `reason`. Takes the permission `flows.publish_flow`.",
        body=requests.Migrating,
        example={"to": 2},
        answers={200: Migrated},
        errors=("forbidden", "not_found", "migration_refused"),
    ),
    f"POST {VERSION}/simulate": Operation(
        tag="Flows",
        summary="Play a version, with a clock of its own; nothing is stored",
        about=INTEGRATORS,
        body=Script,
        example={"steps": [{"kind": "action", "id": "accept_connection", "role": "influencer"}]},
        answers={200: Played},
        errors=("forbidden", "not_found", "invalid_flow"),
    ),
    f"GET {VERSION}/diff": Operation(
        tag="Flows",
        summary="Read what is different from another version",
        about=INTEGRATORS,
        query=DiffQuery,
        answers={200: Differences},
        errors=("forbidden", "not_found"),
    ),
    f"GET {VERSION}/graph.svg": Operation(
        tag="Flows",
        summary="Draw a version",
        about=INTEGRATORS,
        query=DrawingQuery,
        answers={200: Text(media_type="image/svg+xml")},
        errors=("forbidden", "not_found", "invalid_flow"),
    ),
    f"GET {VERSION}/mermaid": Operation(
        tag="Flows",
        summary="Draw a version as Mermaid text",
        about=INTEGRATORS,
        query=DrawingQuery,
        answers={200: Text(media_type="text/plain")},
        errors=("forbidden", "not_found", "invalid_flow"),
    ),
    f"GET {VERSION}/schema.json": Operation(
        tag="Flows",
        summary="Read the JSON Schema of definitions",
        about=INTEGRATORS,
        answers={200: dict[str, Any]},
        errors=("forbidden",),
    ),
}
