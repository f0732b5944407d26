"""What REST requests about webhooks hold. The structs are the rule; the serializers draw the browsable API's forms."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta
from rest_framework import serializers

from stoory.documents import fields as f
from stoory.webhooks.hooks import KINDS

Url = Annotated[
    str,
    Meta(
        description="Where to post: https, and an address that anybody can reach.",
        examples=["https://hooks.example.org/stoory"],
    ),
]
Kinds = Annotated[
    list[Annotated[str, Meta(extra_json_schema={"enum": sorted(KINDS)})]],
    Meta(description="Names of events; empty: all.", examples=[["chat:new"]]),
]


class NewWebhook(msgspec.Struct):
    url: Url
    kinds: Kinds = []


class WebhookChange(msgspec.Struct):
    url: Url | None = None
    kinds: Kinds | None = None
    is_active: Annotated[bool, Meta(description="Whether hooks are sent; what was missed is.")] | None = None


class Replay(msgspec.Struct):
    conversation_id: f.ConversationId
    after_seq: Annotated[int, Meta(description="The last place that is not told again.", examples=[0])] = 0


class WebhookForm(serializers.Serializer[Any]):
    url = serializers.URLField()
    kinds = serializers.JSONField(required=False)


class WebhookChangeForm(serializers.Serializer[Any]):
    url = serializers.URLField(required=False)
    kinds = serializers.JSONField(required=False)
    is_active = serializers.BooleanField(required=False)


class ReplayForm(serializers.Serializer[Any]):
    conversation_id = serializers.CharField()
    after_seq = serializers.IntegerField(required=False)
