"""Who may do what with versions: Django's permissions, of people who are active."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from flows.commands import CloneVersion, CreateDraft, MigrateRuns, PublishVersion, RetireVersion, SaveDraft
from flows.models import FlowVersion
from flows.permissions import check_may_read
from stoory.accounts.models import User
from stoory.commands import Command, execute
from stoory.errors import Forbidden
from tests.flows.guided import drafted, released

pytestmark = pytest.mark.django_db

PERMISSIONS = ("view_flowversion", "add_flowversion", "change_flowversion", "delete_flowversion", "publish_flow")

Make = Callable[[str, FlowVersion, FlowVersion], Command[Any]]
COMMANDS: dict[str, tuple[str, Make]] = {
    "create": ("add_flowversion", lambda who, _, draft: CreateDraft(actor=who, document=draft.document)),
    "clone": ("add_flowversion", lambda who, _, draft: CloneVersion(actor=who, version_id=draft.pk)),
    "save": (
        "change_flowversion",
        lambda who, _, draft: SaveDraft(actor=who, version_id=draft.pk, document=draft.document),
    ),
    "publish": ("publish_flow", lambda who, _, draft: PublishVersion(actor=who, version_id=draft.pk)),
    "retire": ("publish_flow", lambda who, old, _: RetireVersion(actor=who, version_id=old.pk)),
    "migrate": (
        "publish_flow",
        lambda who, old, draft: MigrateRuns(actor=who, version_id=old.pk, to_version_id=draft.pk),
    ),
}

every_command = pytest.mark.parametrize("name", COMMANDS)


@pytest.fixture
def do(staff: User) -> Callable[[str, User], Any]:
    """Let somebody do what a name of `COMMANDS` says."""
    old, draft = released(staff), drafted(staff)
    return lambda name, who: execute(COMMANDS[name][1](who.pk, old, draft))


def grant(who: User, *permissions: str) -> User:
    who.user_permissions.set(Permission.objects.filter(codename__in=permissions, content_type__app_label="flows"))
    return who


@every_command
def test_the_permission_is_enough(name: str, do: Callable[[str, User], Any], charlie: User) -> None:
    assert do(name, grant(charlie, COMMANDS[name][0]))


@every_command
def test_all_others_are_not(name: str, do: Callable[[str, User], Any], charlie: User) -> None:
    grant(charlie, *(permission for permission in PERMISSIONS if permission != COMMANDS[name][0]))
    charlie.is_staff = True
    charlie.save()
    with pytest.raises(Forbidden):
        do(name, charlie)


@every_command
def test_who_is_inactive_may_nothing(name: str, do: Callable[[str, User], Any], staff: User, charlie: User) -> None:
    for who in (staff, grant(charlie, *PERMISSIONS)):
        who.is_active = False
        who.save()
        with pytest.raises(Forbidden):
            do(name, who)


@every_command
def test_who_is_nobody_may_nothing(name: str, do: Callable[[str, User], Any]) -> None:
    with pytest.raises(Forbidden):
        do(name, User(pk="nobody"))


@pytest.mark.parametrize("permission", ["view_flowversion", "add_flowversion", "change_flowversion", "publish_flow"])
def test_any_permission_lets_read(charlie: User, permission: str) -> None:
    with pytest.raises(Forbidden):
        check_may_read(charlie.pk)
    check_may_read(grant(charlie, permission).pk)


def test_staff_reads_while_active(charlie: User) -> None:
    charlie.is_staff = True
    charlie.save()
    check_may_read(charlie.pk)
    charlie.is_active = False
    charlie.save()
    with pytest.raises(Forbidden):
        check_may_read(charlie.pk)
