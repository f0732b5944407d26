"""The admin's sidebar: what staff look for, by topic; each sees what they may."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

PAGES = (
    ("Dashboard", "dashboard", "admin:index", ""),
    ("Live sockets", "sensors", "backstage:sockets", "accounts.view_user"),
    ("Deliveries", "route", "backstage:deliveries", "messaging.view_message"),
)
"""Title, icon, route, and the permission that it takes."""

LISTS = {
    "Conversations": (
        ("Conversations", "forum", "conversations", "conversation"),
        ("Messages", "chat", "messaging", "message"),
        ("Participants", "group", "conversations", "participant"),
        ("Log", "list_alt", "conversations", "conversationevent"),
        ("Receipts", "done_all", "messaging", "readreceipt"),
        ("Reactions", "add_reaction", "messaging", "reaction"),
    ),
    "Flows": (
        ("Versions and funnels", "account_tree", "flows", "flowversion"),
        ("Runs", "play_circle", "flows", "flowrun"),
        ("Steps", "footprint", "flows", "flowtransition"),
        ("Timers", "timer", "flows", "flowtimer"),
        ("Effects", "bolt", "flows", "floweffect"),
        ("Reported events", "webhook", "flows", "providerevent"),
    ),
    "Webhooks": (
        ("Endpoints", "webhook", "webhooks", "webhookendpoint"),
        ("Positions", "pin_drop", "webhooks", "webhookposition"),
        ("Attempts", "outgoing_mail", "webhooks", "webhookdelivery"),
    ),
    "People": (
        ("Users", "person", "accounts", "user"),
        ("Groups", "groups", "auth", "group"),
    ),
}
"""By heading: title, icon, and the application and model that are listed."""


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar's groups as the theme takes them."""
    pages = [_item(request, *page) for page in PAGES]
    groups = [
        {"title": heading, "separator": True, "items": [_list(request, *item) for item in items]}
        for heading, items in LISTS.items()
    ]
    return [{"items": pages}, *groups]


def _list(request: HttpRequest, title: str, icon: str, app: str, model: str) -> dict[str, Any]:
    return _item(request, title, icon, f"admin:{app}_{model}_changelist", f"{app}.view_{model}")


def _item(request: HttpRequest, title: str, icon: str, route: str, permission: str) -> dict[str, Any]:
    user: Any = request.user
    is_allowed = not permission or user.has_perm(permission)
    return {"title": title, "icon": icon, "link": reverse(route), "permission": lambda request: is_allowed}
