"""`POST /api/flows/events`: what the provider reports. It has no token; its signature says who it is."""

import time
from typing import Annotated, Any

import msgspec
from django.conf import settings
from msgspec import Meta
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from flows.commands import Delivery, ReceiveProviderEvent
from flows.reports import remaining
from flows.serializers import step_body
from flows.signatures import HEADER, verify
from stoory.accounts.models import SYSTEM_USER_ID
from stoory.api import ApiView
from stoory.commands import execute
from stoory.documents import fields as f
from stoory.errors import Forbidden, InvalidPayload, PayloadTooLarge
from stoory.http import invalid
from stoory.payloads import JsonValue


class NewEvent(msgspec.Struct):
    """The body of an event."""

    id: Annotated[str, Meta(description="Your own id of the event, up to 120 characters.", examples=["evt_1"])]
    event: Annotated[str, Meta(description="What has happened.", examples=["payment.captured"])]
    conversation_id: Annotated[str, Meta(description="Where.", examples=[f.BID])] | None = None
    campaign_id: Annotated[str, Meta(description="Instead: a campaign, each of its conversations.")] | None = None
    data: Annotated[dict[str, JsonValue], Meta(description="What the event carries.")] | None = None


class EventForm(serializers.Serializer[Any]):
    id = serializers.CharField()
    event = serializers.CharField()
    conversation_id = serializers.CharField(required=False)
    campaign_id = serializers.CharField(required=False)
    data = serializers.JSONField(required=False)  # type: ignore[assignment]  # a name that DRF uses otherwise


class ProviderEvents(ApiView):
    """What the payment provider reports: `{id, event, conversation_id | campaign_id, data?}`, signed.

    `id` is the provider's own: an event that comes again is answered as it was the first time, `replayed: true`. One
    that a conversation does not wait for is `ignored` there.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = EventForm

    def post(self, request: Request) -> Response:
        if not settings.FLOW_EVENTS_SECRETS:
            raise Forbidden("No provider may report events here")
        sent = _body(request)
        verify(request.headers.get(HEADER), sent, settings.FLOW_EVENTS_SECRETS, time.time())
        event = _decoded(sent)
        deliveries = execute(
            ReceiveProviderEvent(
                actor=SYSTEM_USER_ID,
                event_id=event.id,
                event=event.event,
                conversation_id=event.conversation_id,
                campaign_id=event.campaign_id,
                data=event.data,
            )
        )
        body = {"success": True, "id": event.id, "results": [_result(delivery) for delivery in deliveries]}
        if event.campaign_id is not None:
            body["remaining"] = remaining(event.id, event.campaign_id)
        return Response(body)


def _body(request: Request) -> bytes:
    """Return the body as it was sent, which is what was signed."""
    body: bytes = request.read(settings.MAX_EVENT_BYTES + 1)
    if len(body) > settings.MAX_EVENT_BYTES:
        raise PayloadTooLarge
    return body


def _decoded(body: bytes) -> NewEvent:
    try:
        return msgspec.json.decode(body, type=NewEvent)
    except msgspec.ValidationError as error:
        raise invalid(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidPayload(f"JSON parse error: {error}") from error


def _result(delivery: Delivery) -> dict[str, JsonValue]:
    """Return what the event led to in one conversation, and where the conversation was then."""
    outcome = "applied" if delivery.step else "ignored"
    return {**step_body(delivery.where), "outcome": outcome, "replayed": delivery.replayed}
