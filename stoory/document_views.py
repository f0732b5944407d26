"""The OpenAPI document, and the page that shows it and tries it out."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from stoory.accounts.models import User
from stoory.api import ApiView
from stoory.auth import issue_token
from stoory.openapi import Generator


@lru_cache
def openapi() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return Generator().get_schema(public=True)  # type: ignore[no-untyped-call]  # drf-spectacular's


class Document(ApiView):
    """Every route, as an OpenAPI 3.1 document. On a developer's server its examples name what is there in the demo."""

    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response(openapi())


def page(request: HttpRequest) -> HttpResponse:
    """Show the document by Swagger UI; on a developer's server with alice's token."""
    return render(request, "stoory/docs.html", {"token": _token()})


def _token() -> str:
    alice = User.objects.filter(username="alice", email="alice@example.com").first() if settings.DEBUG else None
    return issue_token(alice)["token"] if alice else ""
