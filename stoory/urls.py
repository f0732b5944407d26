"""All routes. Every API route takes a trailing slash or none."""

from typing import Any

from django.contrib import admin
from django.http import Http404
from django.urls import include, path, re_path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from stoory.api import ApiView


class Root(ApiView):
    """The REST API. Log in at the top right, or send `Authorization: Bearer <token>` from `/api/token/`."""

    def get(self, request: Request) -> Response:
        names = ("messages", "conversations", "unread-count", "flows", "webhooks", "token")
        return Response({name: reverse(name, request=request) for name in names})


class Unknown(ApiView):
    """Any other path below `/api/`: not found, in the words of the API."""

    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404


urlpatterns = [
    path("api/", include("messaging.urls")),  # first, as they are asked for most
    path("", include("stoory.playground.urls")),
    path("admin/live/", include("stoory.backstage.urls")),
    path("admin/", admin.site.urls),
    path("api-auth/", include("rest_framework.urls")),
    re_path(r"^api/?$", Root.as_view(), name="api-root"),
    path("api/", include("stoory.accounts.urls")),
    path("api/", include("conversations.urls")),
    path("api/", include("flows.urls")),
    path("api/", include("stoory.webhooks.urls")),
    path("api/", include("stoory.openapi.urls")),
    path("", include("stoory.realtime.urls")),
    re_path(r"^api/", Unknown.as_view(), name="unknown"),
]
