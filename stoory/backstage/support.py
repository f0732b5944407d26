"""The group `support`: reads everything that people did, steps in by Commands, and rewrites nothing."""

from typing import Any

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
}
"""What may be looked at, by application."""

ACT = {
    "conversations": ["change_conversation"],  # close, reopen, remove a member, title
    "messaging": ["add_message"],  # post as the system; nobody adds, changes or deletes any other
    "flows": ["change_flowrun"],
    "backstage": ["disconnect_user"],
}
"""What may be done. Not `change_user`: who can edit accounts can make themselves anything."""


def permissions() -> list[tuple[str, str]]:
    """Return the group's permissions, each as application and name."""
    reading = [(app, f"view_{model}") for app, models in READ.items() for model in models]
    return reading + [(app, name) for app, names in ACT.items() for name in names]


def make_group(groups: Any, permission_rows: Any) -> None:
    """Make the group, or give the one that is there what it lacks."""
    group, _ = groups.get_or_create(name=GROUP)
    for app, name in permissions():
        group.permissions.add(permission_rows.get(content_type__app_label=app, codename=name))
