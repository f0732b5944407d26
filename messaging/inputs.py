"""What REST requests hold. The structs are the rule; the serializers draw the browsable API's forms."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta
from rest_framework import serializers

from conversations.models import ConversationType
from stoory.documents import fields as f


class NewMessage(msgspec.Struct):
    conversation_id: f.ConversationId | None = None
    receiver_id: (
        Annotated[str, Meta(description="Instead: the user whose direct conversation with you it is.")] | None
    ) = None
    message: f.Text = ""
    media_url: Annotated[str, Meta(description="The address of a picture or a film.")] | None = None
    attachments: f.Attachments = None
    metadata: f.Metadata | None = None
    reply_to_id: f.ReplyToId | None = None
    client_nonce: f.Nonce | None = None


class NewConversation(msgspec.Struct):
    type: f.ConversationType
    participant_ids: Annotated[list[str], Meta(description="The others' ids.")] = []
    receiver_id: Annotated[str, Meta(description="The other's id, where there is one.", examples=[f.BOB])] | None = None
    source_id: Annotated[str, Meta(description="The bid or campaign that it is about.")] | None = None
    campaign_id: Annotated[str, Meta(description="The campaign that a bid belongs to.")] | None = None
    title: Annotated[str, Meta(description="Up to 200 characters.")] = ""
    is_public: Annotated[bool, Meta(description="A channel that anybody may join.")] = False
    context: Annotated[dict[str, Any], Meta(description="The start values that the flow declares, by name.")] = {}


class SeenUpTo(msgspec.Struct):
    up_to_message_id: f.MessageId | None = None


class Edit(msgspec.Struct):
    message: f.Text


class NewReaction(msgspec.Struct):
    type: f.Emoji


class MessageForm(serializers.Serializer[Any]):
    conversation_id = serializers.CharField(required=False)
    receiver_id = serializers.CharField(required=False)
    message = serializers.CharField(required=False)
    media_url = serializers.URLField(required=False)
    attachments = serializers.JSONField(required=False)
    metadata = serializers.JSONField(required=False)
    reply_to_id = serializers.CharField(required=False)
    client_nonce = serializers.CharField(required=False)


class ConversationForm(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=ConversationType.choices)
    receiver_id = serializers.CharField(required=False)
    participant_ids = serializers.ListField(child=serializers.CharField(), required=False)
    source_id = serializers.CharField(required=False)
    campaign_id = serializers.CharField(required=False)
    title = serializers.CharField(required=False)
    is_public = serializers.BooleanField(required=False)
    context = serializers.JSONField(required=False)  # type: ignore[assignment]  # a name that DRF uses otherwise


class SeenForm(serializers.Serializer[Any]):
    up_to_message_id = serializers.CharField(required=False)


class EditForm(serializers.Serializer[Any]):
    message = serializers.CharField()


class ReactionForm(serializers.Serializer[Any]):
    type = serializers.CharField()
