"""What REST for guided conversations and flows takes and answers, for people who call it."""

from typing import Annotated, Any, TypedDict

from msgspec import Meta

from flows import requests
from flows.analytics import OutcomeFigures, ReminderFigures, StateFigures
from flows.commands import Migration
from flows.provider_events import NewEvent
from flows.shapes import AwaitingRole, CountedVersion, Effect, Flow, Run, StateName, Step, Transition, Version
from flows.simulation import Script
from flows.views import NewAction
from messaging.shapes import Button, Card
from stoory.documents import fields as f
from stoory.documents.operations import Operation, Operations, Success, Text

Name = Annotated[str, Meta(description="A language, like `en`.", examples=["en"])]

# What is asked


class TransitionsQuery(TypedDict, total=False):
    """Which steps."""

    limit: Annotated[int, Meta(description="From 1 to 200.", ge=1, le=200, examples=[50])]
    after: Annotated[int, Meta(description="The `id` of the last step that you have.", ge=0)]


class DrawingQuery(TypedDict, total=False):
    """How to draw it."""

    counts: Annotated[str, Meta(description="`1`: with how many conversations are in each state.")]
    state: Annotated[str, Meta(description="The state to mark.")]
    locale: Name


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


class Actions(Success):
    """What you may do now; nothing in a conversation without a flow."""

    conversation_id: f.ConversationId
    actions: list[Button]
    current_action_data: Card | None
    flow_state: StateName | None
    awaiting_role: AwaitingRole
    chat_status: f.ChatStatus
    state_seq: f.StateSeq
    phase: Annotated[str | None, Meta(examples=["negotiation"])]
    expires_at: f.Time | None


class Stepped(Success, Step):
    """Where it led."""


class Acted(Stepped):
    """Where your action led."""

    action: f.ActionName
    client_nonce: f.Nonce | None


class Transitions(Success):
    """Steps, the oldest first."""

    transitions: list[Transition]
    has_more: bool


class ShownRun(Success):
    """The flow of a conversation."""

    flow: Run


class ShownEffect(Success):
    """The effect, as it is now."""

    effect: Effect


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


class Result(Step):
    """What an event led to in one conversation."""

    outcome: Annotated[str, Meta(extra_json_schema={"enum": ["applied", "ignored"]})]


class Received(Success):
    """What the event led to."""

    id: Annotated[str, Meta(examples=["evt_1"])]
    results: list[Result]


# The routes

CONVERSATION = "/api/messages/conversations/{conversation_id}"
EFFECT = f"{CONVERSATION}/effects/{{effect_id}}"
FLOW = "/api/flows/{key}"
VERSION = f"{FLOW}/versions/{{number}}"
STEPPING = ("not_found", "flow_ended", "flow_paused", "busy")
STAFF = "For staff; participants are refused with `forbidden`, others with `not_found`."
INTEGRATORS = "For staff, and for integrators: whoever has a permission on flows."

GUIDED: Operations = {
    f"GET {CONVERSATION}/actions": Operation(
        tag="Actions",
        summary="Read what you may do in a guided conversation now",
        about="A button says in `inputs` what its `data` has to hold, with the bounds of this moment.",
        answers={200: Actions},
        errors=("not_found",),
    ),
    f"POST {CONVERSATION}/actions": Operation(
        tag="Actions",
        summary="Press a button of a guided conversation",
        about=(
            "Send the `state_seq` of the card that shows the button: if the conversation has moved on since, this is "
            "`stale_action`, and `current` says where it is. A repeat with the same nonce is answered as it was."
        ),
        body=NewAction,
        example={"action": "accept_connection", "data": {}},
        takes_idempotency_key=True,
        answers={200: Acted},
        errors=(
            *STEPPING,
            "wrong_role",
            "stale_action",
            "unknown_action",
            "not_available",
            "invalid_input",
            "expired",
            "nonce_reused",
        ),
    ),
    f"GET {CONVERSATION}/transitions": Operation(
        tag="Actions",
        summary="Read the steps that a guided conversation has taken",
        query=TransitionsQuery,
        answers={200: Transitions},
        errors=("not_found",),
    ),
    f"GET {CONVERSATION}/flow": Operation(
        tag="Staff",
        summary="See a guided conversation from above",
        about=STAFF,
        answers={200: ShownRun},
        errors=("forbidden", "not_found"),
    ),
    f"POST {CONVERSATION}/staff-actions": Operation(
        tag="Staff",
        summary="Press a button that the flow gives to staff",
        about=STAFF,
        body=requests.StaffAction,
        example={"action": "resolve_dispute", "reason": "Both agreed on the phone"},
        takes_idempotency_key=True,
        answers={200: Acted},
        errors=(
            "forbidden",
            *STEPPING,
            "wrong_role",
            "stale_action",
            "unknown_action",
            "not_available",
            "invalid_input",
            "expired",
            "nonce_reused",
        ),
    ),
    f"POST {CONVERSATION}/force-transition": Operation(
        tag="Staff",
        summary="Move a guided conversation to any state of its flow",
        about=STAFF,
        body=requests.ForcedState,
        example={"state": "real_time", "reason": "They had agreed before"},
        answers={200: Stepped},
        errors=("forbidden", *STEPPING, "not_available", "invalid_input"),
    ),
    f"POST {CONVERSATION}/pause": Operation(
        tag="Staff",
        summary="Hold a guided conversation's buttons and timers",
        about=STAFF,
        body=requests.Reason,
        example={"reason": "They are on the phone with us"},
        answers={200: Stepped},
        errors=("forbidden", *STEPPING, "not_available"),
    ),
    f"POST {CONVERSATION}/resume": Operation(
        tag="Staff",
        summary="Let it go on, its deadlines later by as long as it was held",
        about=STAFF,
        body=requests.Reason,
        example={"reason": "They have agreed"},
        answers={200: Stepped},
        errors=("forbidden", *STEPPING, "not_available"),
    ),
    f"POST {EFFECT}/retry": Operation(
        tag="Staff",
        summary="Have an effect that failed for good tried again",
        about=STAFF,
        body=requests.Reason,
        example={"reason": "The provider is back"},
        answers={200: ShownEffect},
        errors=("forbidden", "not_found", "not_available"),
    ),
    f"POST {EFFECT}/dismiss": Operation(
        tag="Staff",
        summary="Let an effect go that failed for good",
        about=STAFF,
        body=requests.Reason,
        example={"reason": "Paid by hand"},
        answers={200: ShownEffect},
        errors=("forbidden", "not_found", "not_available"),
    ),
}

DOCUMENT = {"document": {"key": "bid", "conversation_type": "bid", "states": {}}, "notes": "A first draft"}

FLOWS: Operations = {
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
    "POST /api/flows/events": Operation(
        tag="Provider",
        summary="Report an event of the world; signed, no token",
        about=(
            "The header is `t=<seconds since 1970>,v1=<hex>`, the HMAC-SHA256 of `<t>.<body>` with the shared secret. "
            "`id` is yours: an event that comes again is answered as it was the first time."
        ),
        headers={"Stoory-Signature": "`t=<seconds>,v1=<hex>`."},
        body=NewEvent,
        example={"id": "evt_1", "event": "payment.succeeded", "conversation_id": f.DIRECT},
        answers={200: Received},
        errors=(
            "not_authenticated",
            "invalid_token",
            "token_expired",
            "forbidden",
            "not_found",
            "nonce_reused",
            "busy",
        ),
        public=True,
    ),
}

OPERATIONS: Operations = {**GUIDED, **FLOWS}
