"""The group `support`: reads everything that people did, steps in by Commands, and rewrites nothing."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.management import create_permissions

GROUP = "support"
READ = {
    "accounts": ["user"],
    "conversations": ["conversation", "participant", "conversationevent"],
    "messaging": ["message", "readreceipt", "reaction"],
    "flows": [
        "flowversion",
        "flowrun",
        "flowtransition",
        "flowtimer",
        "floweffect",
        "providerevent",
        "sandboxcall",
    ],
    "webhooks": ["webhookendpoint", "webhookposition", "webhookdelivery"],
}
"""What may be looked at, by application."""

ACT = {
    "conversations": ["change_conversation"],  # close, reopen, remove a member, title
    "messaging": ["add_message"],  # post as the system; nobody adds, changes or deletes any other
    "flows": ["change_flowrun"],
    "backstage": ["disconnect_user"],
    "webhooks": ["change_webhookendpoint"],  # switch off and on
}
"""What may be done. Not `change_user`: who can edit accounts can make themselves anything."""


APPS = frozenset({*READ, *ACT})


def permissions(apps: Collection[str] = APPS) -> list[tuple[str, str]]:
    """Return the group's permissions in these applications, each as application and name."""
    reading = [(app, f"view_{model}") for app, models in READ.items() for model in models]
    acting = [(app, name) for app, names in ACT.items() for name in names]
    return [(app, name) for app, name in reading + acting if app in apps]


def permissions_made(apps: Any, using: str, labels: Collection[str]) -> None:
    """Make the permissions of these applications in a migration; by themselves they come after all of them."""
    for label in labels:
        app = apps.get_app_config(label)
        app.models_module = True
        create_permissions(app, apps=apps, verbosity=0, using=using)
        app.models_module = None


def make_group(groups: Any, permission_rows: Any, apps: Collection[str] = APPS) -> None:
    """Make the group, or give the one that is there what it lacks in these applications."""
    group, _ = groups.get_or_create(name=GROUP)
    for app, name in permissions(apps):
        group.permissions.add(permission_rows.get(content_type__app_label=app, codename=name))
