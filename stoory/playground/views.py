"""The landing page and the playground. The playground and its logins are for developers and the demo."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.vary import vary_on_headers
from msgspec import Struct, to_builtins

from stoory import demo
from stoory.playground import status
from stoory.realtime.health import Health

CLIENT = "socket.io-client/socket.io.esm.min.js"


class Link(Struct, frozen=True):
    """A place on this server, and what one finds there."""

    path: str
    title: str
    about: str


LINKS = (
    Link("/playground/", "Playground", "Two people, side by side, and every frame between them and the server"),
    Link("/api/events/", "Events", "What the sockets say and hear, event by event"),
    Link("/api/docs/", "REST", "Every route, to try from the page"),
    Link("/api/", "API root", "The same routes, to click through after a login"),
    Link("/admin/", "Admin", "For staff: conversations, people, flows"),
    Link("/readyz", "Health", "Whether it can be given traffic, or which part is ill"),
    Link("/metrics", "Metrics", "Figures for Prometheus"),
)


PROBES = ("/readyz", "/metrics")  # answered before routes are looked at


class Landing(View):
    """What runs here, and where everything is. In JSON for who asks for it."""

    @method_decorator([never_cache, vary_on_headers("Accept")])
    def get(self, request: HttpRequest) -> HttpResponse:
        parts = status.parts()
        is_insider = settings.PLAYGROUND or request.user.is_staff
        told: dict[str, Any] = {
            "name": "stoory",
            "ready": all(part.health != Health.FAILED for part in parts),
            "parts": to_builtins(parts) if is_insider else [],
            "summary": status.summary() if is_insider else {},
            "links": [to_builtins(link) for link in LINKS if _is_served(link.path)],
        }
        if _wants_json(request):
            return JsonResponse(told)
        return render(request, "playground/landing.html", told | {"logins": _logins()})


class Playground(View):
    """The page; all it shows comes from REST and the sockets."""

    def get(self, request: HttpRequest) -> HttpResponse:
        _require_playground()
        has_client, has_demo = finders.find(CLIENT) is not None, demo.exists()
        return render(request, "playground/playground.html", {"has_client": has_client, "has_demo": has_demo})


class People(View):
    """Whom one can be in the playground, with fresh tokens. Staff is not among them."""

    @method_decorator(never_cache)
    def get(self, request: HttpRequest) -> JsonResponse:
        _require_playground()
        return JsonResponse({"success": True, "people": demo.people(), "campaign": demo.CAMPAIGN_ID})


def _require_playground() -> None:
    if not settings.PLAYGROUND:
        raise Http404


def _is_served(path: str) -> bool:
    if path == "/playground/" and not settings.PLAYGROUND:
        return False
    if path in PROBES:
        return True
    try:
        return resolve(path).url_name != "unknown"
    except Resolver404:
        return False


def _logins() -> dict[str, Any] | None:
    """Return who can log in with which password, where that is no secret."""
    return {"names": list(demo.CAST), "password": demo.DEMO_PASSWORD} if settings.DEBUG and demo.exists() else None


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
