"""The OpenAPI document, and the page that shows it and tries it out."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from stoory import demo
from stoory.api import ApiView
from stoory.openapi.document import openapi


class Document(ApiView):
    """Every route, as an OpenAPI 3.1 document. On a developer's server its examples name what is there in the demo."""

    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response(naming_what_is_there(openapi(), demo.examples()) if settings.PLAYGROUND else openapi())


def naming_what_is_there(document: dict[str, Any], ids: Mapping[str, str]) -> Any:
    """Return the document with other ids in its examples."""
    text = msgspec.json.encode(document).decode()
    for made_up, real in ids.items():
        text = text.replace(f'"{made_up}"', f'"{real}"')
    return msgspec.json.decode(text)


def page(request: HttpRequest) -> HttpResponse:
    """Show the document by Swagger UI; on a developer's server with alice's token."""
    return render(request, "stoory/docs.html", {"token": _token()})


def _token() -> str:
    people = demo.people() if settings.PLAYGROUND else []
    return next((person["token"] for person in people if person["username"] == "alice"), "")
