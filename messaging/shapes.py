"""What messages look like on the wires and in REST, as types: the builders of `serializers` return them."""

from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from stoory.documents import fields as f


class InputField(TypedDict, total=False):
    """A value that a button asks for. Which bounds there are depends on the type."""

    type: Annotated[
        str, Meta(extra_json_schema={"enum": ["text", "money", "number", "date", "choice", "file", "bool"]})
    ]
    id: Annotated[str, Meta(description="The key in the action's `data`.", examples=["price"])]
    label: Annotated[str, Meta(examples=["Your price"])]
    required: Annotated[bool, Meta(description="It can't be left out.")]
    placeholder: Annotated[str, Meta(description="What an empty field shows.")]
    help: Annotated[str, Meta(description="What to write beside it.")]
    min: Annotated[Any, Meta(description="The least `money`, `number` or `date` of this moment.", examples=["100.00"])]
    max: Annotated[Any, Meta(description="The most.", examples=["11500.00"])]
    min_length: Annotated[int, Meta(description="Of a `text`.")]
    max_length: Annotated[int, Meta(description="Of a `text`.")]
    multiline: Annotated[bool, Meta(description="The `text` may have several lines.")]
    format: Annotated[
        Any,
        Meta(
            description="Of a `text`: an address of the web, an email, a name like `@asha`.",
            extra_json_schema={"enum": ["plain", "url", "email", "handle", None]},
        ),
    ]
    multiple: Annotated[bool, Meta(description="The value of a `choice` is a list.")]
    options: Annotated[list[Any], Meta(description="Of a `choice`, each `{value, label}`: send the `value`.")]
    max_count: Annotated[int, Meta(description="The value of a `file` is a list of so many ids at most.")]
    accept: Annotated[list[str], Meta(description="Kinds of files, as HTML has them in `accept`.")]
    must_be_true: Annotated[bool, Meta(description="A `bool` that has to be agreed to.")]


class Button(TypedDict):
    """Something that the reader may do now: `chat:action`, or `POST …/actions`, with its `action`."""

    id: Annotated[str, Meta(examples=["accept_price"])]
    action: Annotated[str, Meta(examples=["accept_price"])]
    text: Annotated[str, Meta(description="What to write on it, in the reader's language.", examples=["Accept"])]
    style: NotRequired[Annotated[str, Meta(examples=["primary"])]]
    confirm: NotRequired[
        Annotated[dict[str, str] | None, Meta(description="Ask first: `{title, text?}`.", examples=[None])]
    ]
    inputs: NotRequired[Annotated[list[InputField], Meta(description="What `data` holds.", examples=[[]])]]


class Card(TypedDict, total=False):
    """The buttons that one party has, with the words above them; `state_seq` goes back with the action."""

    flow: Annotated[str, Meta(examples=["bid"])]
    state: Annotated[str, Meta(examples=["influencer_responding"])]
    state_seq: f.StateSeq
    awaiting_role: f.Role | None
    visible_to: f.Role
    title: Annotated[str, Meta(examples=["Brewly offers 9,000"])]
    subtitle: Annotated[str, Meta(examples=[""])]
    expires_at: f.Time | None
    buttons: list[Button]
    submitted: Annotated[dict[str, Any], Meta(description="Which button was used: `{action, by, at}`.")]


ActionData = Annotated[Card | None, Meta(description="The buttons that came with the message.", examples=[None])]


class Message(TypedDict):
    """A message, as the chat wire and REST show it."""

    id: f.MessageId
    conversation_id: f.ConversationId
    sender_id: f.SenderId
    receiver_id: f.ReceiverId | None
    message: f.Text
    created_at: f.Time
    seen: Annotated[bool, Meta(description="Somebody else has read it.", examples=[False])]
    message_type: f.MessageType
    attachment_metadata: Annotated[f.Attachments, Meta(examples=[None])]
    metadata: Annotated[f.Metadata | None, Meta(examples=[None])]
    media_url: Annotated[f.Url | None, Meta(examples=[None])]
    reply_to_id: Annotated[f.MessageId | None, Meta(description="The message that it answers.", examples=[None])]
    edited_at: Annotated[f.Time | None, Meta(examples=[None])]
    deleted_at: Annotated[f.Time | None, Meta(description="Its content is gone since.", examples=[None])]
    is_automated: bool
    action_required: Annotated[bool, Meta(description="Its buttons can be used now.")]
    action_data: ActionData
    seq: f.MessageSeq


class MessengerMessage(TypedDict):
    """A message, as the messenger wire and its REST show it."""

    id: f.MessageId
    conversationId: f.ConversationId
    senderId: f.SenderId
    receiverId: f.ReceiverId | None
    content: f.Text
    messageType: f.MessageType
    isRead: bool
    isEdited: bool
    createdAt: f.Time
    updatedAt: f.Time
    seq: f.MessageSeq


class Reaction(TypedDict):
    """A reaction, as REST shows it."""

    id: Annotated[str, Meta(examples=["0197f000-0000-7000-8000-0000000f0001"])]
    type: f.Emoji
    user_id: f.UserId
    message_id: f.MessageId
    created_at: f.Time


class Person(TypedDict):
    """Somebody, as others see them."""

    id: f.UserId
    name: Annotated[str, Meta(examples=["Bob Influencer"])]
    role: f.Role
    image_url: Annotated[str | None, Meta(examples=[None])]
    online: Annotated[bool, Meta(examples=[True])]
    last_seen: Annotated[f.Time | None, Meta(examples=[None])]


class ConversationItem(TypedDict):
    """A conversation, as your list shows it."""

    id: f.ConversationId
    conversation_type: f.ConversationType
    title: Annotated[str, Meta(examples=["Bob Influencer"])]
    is_public: bool
    source_id: Annotated[str | None, Meta(description="The bid or campaign it is about.", examples=[None])]
    campaign_id: Annotated[str | None, Meta(examples=[None])]
    role: Annotated[str, Meta(description="Your role in it.", examples=["brand_owner"])]
    other_user: Person | None
    last_message: Message | None
    unread_count: Annotated[int, Meta(description="Counted up to 100.", examples=[0])]
    chat_status: f.ChatStatus
    flow_state: Annotated[str | None, Meta(examples=[None])]
    awaiting_role: Annotated[str | None, Meta(examples=[None])]
    last_seq: f.Seq
    created_at: f.Time
    updated_at: f.Time


class ContextConversation(TypedDict):
    """The conversation itself."""

    id: f.ConversationId
    conversation_type: f.ConversationType
    chat_status: f.ChatStatus
    flow_state: f.FlowState | None
    awaiting_role: f.Role | None
    current_action_data: Annotated[Card | None, Meta(description="Your buttons.")]
    automation_enabled: bool
    created_at: f.Time
    updated_at: f.Time


class ContextSource(TypedDict):
    """What the conversation is about; `data` has what it was opened with as well."""

    type: f.ConversationType
    data: Annotated[
        dict[str, Any], Meta(examples=[{"id": "bid-7", "campaign_id": "campaign-7", "title": "Summer campaign"}])
    ]


class ContextUsers(TypedDict):
    """You, and who else where there is just one."""

    current: Person
    other: Person | None


class ContextPrompts(TypedDict):
    """What to write above, and your buttons."""

    title: Annotated[str, Meta(examples=["What next?"])]
    subtitle: Annotated[str, Meta(examples=[""])]
    details: Annotated[str, Meta(examples=[""])]
    actions: list[Button]


class ContextState(TypedDict):
    """Where it is, and where you are in it."""

    can_act: Annotated[bool, Meta(description="You can write, or have a button.", examples=[True])]
    awaiting_role: f.Role | None
    state_seq: f.StateSeq
    phase: Annotated[str | None, Meta(examples=["negotiation"])]
    expires_at: Annotated[f.Time | None, Meta(description="When the step's time is up.")]
    last_seq: f.Seq
    unread_count: Annotated[int, Meta(examples=[0])]
    last_message: Message | None


class ConversationContext(TypedDict):
    """Everything that opening a conversation needs, but its messages."""

    conversation: ContextConversation
    source: ContextSource
    users: ContextUsers
    participants: Annotated[list[Person], Meta(description="The first 100.")]
    prompts: ContextPrompts
    state: ContextState


class MessengerPerson(TypedDict):
    """Somebody, as the messenger family shows them."""

    id: f.UserId
    name: Annotated[str, Meta(examples=["Bob Influencer"])]
    imageUrl: Annotated[str | None, Meta(examples=[None])]
    online: bool
    lastSeen: f.Time | None


class MessengerConversation(TypedDict):
    """A conversation, as the messenger family's list shows it."""

    id: f.ConversationId
    type: f.ConversationType
    title: Annotated[str, Meta(examples=["Bob Influencer"])]
    otherUser: MessengerPerson | None
    lastMessage: Annotated[str, Meta(examples=["Hello Bob"])]
    timestamp: f.Time
    unread: bool
    unreadCount: Annotated[int, Meta(examples=[0])]
