"""What REST requests of staff and integrators hold. The structs are the rule; the serializers draw the forms."""

from typing import Any

import msgspec
from rest_framework import serializers

MIGRATED_AT_ONCE = 500


class StaffAction(msgspec.Struct):
    action: str
    reason: str
    data: Any = None
    state_seq: int | None = None
    client_nonce: str | None = None


class Reason(msgspec.Struct):
    reason: str


class ForcedState(msgspec.Struct):
    state: str
    reason: str


class WrittenVersion(msgspec.Struct):
    """A definition, as an object or as a text that is kept letter by letter."""

    document: str | dict[str, Any]
    notes: str | None = None


class Migrating(msgspec.Struct):
    to: int
    mapping: dict[str, str] = {}
    dry_run: bool = True
    reason: str = ""
    limit: int = MIGRATED_AT_ONCE


class StaffActionForm(serializers.Serializer[Any]):
    action = serializers.CharField()
    reason = serializers.CharField()
    data = serializers.JSONField(required=False)  # type: ignore[assignment]  # a name that DRF uses otherwise
    state_seq = serializers.IntegerField(required=False)
    client_nonce = serializers.CharField(required=False)


class ReasonForm(serializers.Serializer[Any]):
    reason = serializers.CharField()


class ForcedStateForm(serializers.Serializer[Any]):
    state = serializers.CharField()
    reason = serializers.CharField()


class VersionForm(serializers.Serializer[Any]):
    document = serializers.JSONField()
    notes = serializers.CharField(required=False)


class ScriptForm(serializers.Serializer[Any]):
    context = serializers.JSONField(required=False)  # type: ignore[assignment]  # a name that DRF uses otherwise
    steps = serializers.JSONField()


class MigratingForm(serializers.Serializer[Any]):
    to = serializers.IntegerField()
    mapping = serializers.JSONField(required=False)
    dry_run = serializers.BooleanField(required=False)
    reason = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False)
