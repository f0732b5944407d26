"""What REST for guided conversations, and for a provider, takes and answers, for people who call it."""

from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from flows import requests
from flows import version_operations as versions
from flows.effects import EVENTS
from flows.provider_events import NewEvent
from flows.shapes import AwaitingRole, Effect, Run, StateName, Step, Transition
from flows.views import NewAction
from messaging.shapes import Button, Card
from stoory.documents import fields as f
from stoory.documents.operations import Operation, Operations, Success

# What is asked


class TransitionsQuery(TypedDict, total=False):
    """Which steps."""

    limit: Annotated[int, Meta(description="From 1 to 200.", ge=1, le=200, examples=[50])]
    after: Annotated[int, Meta(description="The `id` of the last step that you have.", ge=0)]


# What is answered


SEND_DETAILS: Button = {
    "id": "send_project_details",
    "action": "send_project_details",
    "text": "Send the details",
    "style": "primary",
    "confirm": None,
    "inputs": [
        {"type": "text", "id": "deliverables", "label": "What is to be made", "required": True, "max_length": 2000},
        {
            "type": "date",
            "id": "deadline",
            "label": "By when",
            "required": True,
            "min": "2026-01-09",
            "max": "2026-07-01",
        },
    ],
}


class Actions(Success):
    """What you may do now; nothing in a conversation without a flow."""

    conversation_id: f.ConversationId
    actions: Annotated[list[Button], Meta(examples=[[SEND_DETAILS]])]
    current_action_data: Card | None
    flow_state: StateName | None
    awaiting_role: AwaitingRole
    chat_status: Annotated[f.ChatStatus, Meta(examples=["automated"])]
    state_seq: Annotated[f.StateSeq, Meta(examples=[2])]
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


class Result(Step):
    """What an event led to in one conversation."""

    outcome: Annotated[str, Meta(extra_json_schema={"enum": ["applied", "ignored"]})]


class Received(Success):
    """What the event led to."""

    id: Annotated[str, Meta(examples=["evt_1"])]
    results: list[Result]
    remaining: NotRequired[
        Annotated[
            int, Meta(description="Conversations of the campaign that are told later, beyond the first 20.", ge=0)
        ]
    ]


# The routes

CONVERSATION = "/api/messages/conversations/{conversation_id}"
EFFECT = f"{CONVERSATION}/effects/{{effect_id}}"
STEPPING = ("not_found", "flow_ended", "flow_paused", "busy")
PRESSING = (
    *STEPPING,
    "wrong_role",
    "stale_action",
    "unknown_action",
    "not_available",
    "invalid_input",
    "expired",
    "nonce_reused",
)
EVENTS_TOLD = ", ".join(
    f"`{event.name}`" + (f" (`data` holds {', '.join(event.carries)})" if event.carries else "")
    for event in EVENTS.values()
)
STAFF = "For staff; participants are refused with `forbidden`, others with `not_found`."

OPERATIONS: Operations = {
    **versions.OPERATIONS,
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
            "Send the `state_seq` that came with the button: if the conversation has moved on since, this is "
            "`stale_action`, and `current` says where it is; without, the button is taken for one of now. How the "
            "values in `data` are written is told [above](#advance-a-flow). A repeat with the same nonce is answered "
            "as it was."
        ),
        body=NewAction,
        example={
            "action": "send_project_details",
            "data": {"deliverables": "Three reels of 30 seconds", "deadline": "2026-02-28"},
            "state_seq": 2,
            "client_nonce": "3f0d9f1e-6f0a-4c0e-9a57-2f6d1c1f0c11",
        },
        takes_idempotency_key=True,
        answers={200: Acted},
        errors=PRESSING,
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
        errors=("forbidden", *PRESSING),
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
    "POST /api/flows/events": Operation(
        tag="Provider",
        summary="Report an event of the world; signed, no token",
        about=(
            "The header is `t=<seconds since 1970>,v1=<hex>`, the HMAC-SHA256 of `<t>.<body>` with the shared secret, "
            "the body byte by byte as it is sent; it is good for five minutes. The secret of a developer's server is "
            "`development-secret-for-flow-events`. `id` is yours: an event that comes again is answered as it was the "
            "first time. One that a conversation does not wait for is `ignored` there, and noted. An event of a "
            "campaign comes to each of its conversations.\n\n"
            f"The flows that ship wait for {EVENTS_TOLD}."
        ),
        headers={"Stoory-Signature": "`t=<seconds>,v1=<hex>`; without it, `not_authenticated`."},
        body=NewEvent,
        example={
            "id": "evt_1",
            "event": "payment.captured",
            "conversation_id": f.BID,
            "data": {"payment_id": "pay_1"},
        },
        answers={200: Received},
        errors=(
            "not_authenticated",
            "invalid_token",
            "token_expired",
            "forbidden",
            "not_found",
            "not_available",
            "invalid_input",
            "nonce_reused",
            "busy",
        ),
        public=True,
    ),
}
