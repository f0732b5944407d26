"""The documents of the wires, for whoever asks: the AsyncAPI document, and the page made of the same registry."""

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from stoory.api import ApiView
from stoory.realtime.asyncapi import document


class EventsDocument(ApiView):
    """Every event of every family, as an AsyncAPI 3 document."""

    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response(document(request.get_host(), request.scheme or "http"))
