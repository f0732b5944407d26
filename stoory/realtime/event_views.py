"""The documents of the wires, for whoever asks: the AsyncAPI document, and the page made of the same registry."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from stoory.api import ApiView
from stoory.realtime import event_pages
from stoory.realtime.asyncapi import document
from stoory.realtime.vocabulary.base import EVERY_ERROR


class EventsDocument(ApiView):
    """Every event of every family, as an AsyncAPI 3 document."""

    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response(document(request.get_host(), request.scheme or "http"))


def page(request: HttpRequest) -> HttpResponse:
    """Tell of every event of every family, and how to connect."""
    told = {
        "families": event_pages.families(f"{request.scheme}://{request.get_host()}"),
        "codes": event_pages.codes(),
        "every_error": EVERY_ERROR,
    }
    return render(request, "stoory/events.html", told)
