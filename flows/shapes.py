"""What guided conversations and flows look like in REST, as types: the builders of `serializers` return them."""

from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from messaging.shapes import Button
from stoory.documents import fields as f

StateName = Annotated[str, Meta(description="A state of the flow.", examples=["brand_owner_details"])]
AwaitingRole = Annotated[str | None, Meta(description="Whose turn it is.", examples=["brand_owner"])]
FlowKey = Annotated[str, Meta(description="A flow's name.", examples=["bid"])]
VersionNumber = Annotated[int, Meta(description="A version of a flow.", examples=[1])]
Document = Annotated[dict[str, Any], Meta(description="A definition: see `GET /api/flows/schema.json`.", examples=[{}])]


class Step(TypedDict):
    """Where a step led."""

    conversation_id: f.ConversationId
    replayed: Annotated[bool, Meta(description="It had been taken before; this is how it was answered then.")]
    flow_state: StateName
    awaiting_role: AwaitingRole
    chat_status: Annotated[f.ChatStatus, Meta(examples=["automated"])]
    state_seq: Annotated[int, Meta(description="The step that its buttons belong to.", examples=[2])]


class Transition(TypedDict):
    """A step that was taken; the last four are for staff."""

    id: Annotated[int, Meta(examples=[12])]
    reason: f.Reason
    from_state: StateName | None
    to_state: StateName | None
    seq_from: Annotated[int | None, Meta(examples=[1])]
    seq_to: Annotated[int, Meta(examples=[2])]
    role: f.Role | None
    inputs: Annotated[dict[str, Any], Meta(description="A party's answers: its own ones alone.")]
    dwell_seconds: Annotated[float | None, Meta(examples=[61.5])]
    at: f.Time
    actor_id: NotRequired[str | None]
    note: NotRequired[str]
    nonce: NotRequired[str | None]
    version: NotRequired[int]


class Timer(TypedDict):
    """Something that will happen, or has."""

    id: int
    name: Annotated[str, Meta(examples=["reminder"])]
    kind: Annotated[str, Meta(examples=["reminder"])]
    state_seq: f.StateSeq
    due_at: f.Time
    status: Annotated[str, Meta(examples=["pending"])]


class Effect(TypedDict):
    """What was asked of the world, and what came of it."""

    id: int
    name: Annotated[str, Meta(examples=["create_payment_order"])]
    arguments: dict[str, Any]
    key: str
    status: Annotated[str, Meta(examples=["done"])]
    attempts: int
    due_at: f.Time
    result: Annotated[Any, Meta(examples=[None])]
    error: Annotated[str, Meta(examples=[""])]
    done_at: f.Time | None
    created_at: f.Time


class Run(TypedDict):
    """A conversation's flow, as staff sees it."""

    conversation_id: f.ConversationId
    flow: FlowKey
    version: VersionNumber
    flow_state: StateName
    title: Annotated[str, Meta(examples=["Details"])]
    phase: Annotated[str | None, Meta(examples=["negotiation"])]
    state_seq: f.StateSeq
    awaiting_role: AwaitingRole
    chat_status: f.ChatStatus
    outcome: Annotated[str | None, Meta(examples=[None])]
    entered_at: f.Time
    expires_at: f.Time | None
    paused_at: f.Time | None
    data: Annotated[dict[str, Any], Meta(description="What the flow knows.")]
    staff_actions: list[Button]
    timers: list[Timer]
    effects: list[Effect]


class Version(TypedDict):
    """A version of a flow; its `document` where one version is asked for."""

    key: FlowKey
    number: VersionNumber
    status: Annotated[str, Meta(extra_json_schema={"enum": ["draft", "published", "retired"]})]
    conversation_type: Annotated[str, Meta(extra_json_schema={"enum": ["bid", "campaign"]})]
    checksum: str
    notes: str
    created_by: Annotated[str | None, Meta(examples=[None])]
    created_at: f.Time
    published_by: Annotated[str | None, Meta(examples=[None])]
    published_at: f.Time | None
    document: NotRequired[Document]


class CountedVersion(Version):
    """A version, and how many conversations it leads."""

    conversations: int
    running: int


class Flow(TypedDict):
    """A flow, over all its versions."""

    key: FlowKey
    conversation_type: Annotated[str, Meta(extra_json_schema={"enum": ["bid", "campaign"]})]
    published: VersionNumber | None
    newest: VersionNumber
    drafts: list[int]
    conversations: int
    running: int
