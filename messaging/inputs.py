"""What REST requests hold. The structs are the rule; the serializers draw the browsable API's forms."""

from typing import Any

import msgspec
from rest_framework import serializers

from conversations.models import ConversationType


class NewMessage(msgspec.Struct):
    conversation_id: str | None = None
    receiver_id: str | None = None
    message: str = ""
    media_url: str | None = None
    attachments: Any = None
    metadata: dict[str, Any] | None = None
    reply_to_id: str | None = None
    client_nonce: str | None = None


class NewConversation(msgspec.Struct):
    type: str
    participant_ids: list[str] = []
    receiver_id: str | None = None
    source_id: str | None = None
    campaign_id: str | None = None
    title: str = ""
    is_public: bool = False
    context: dict[str, Any] = {}


class SeenUpTo(msgspec.Struct):
    up_to_message_id: str | None = None


class Edit(msgspec.Struct):
    message: str


class NewReaction(msgspec.Struct):
    type: str


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
