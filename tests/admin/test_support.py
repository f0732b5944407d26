"""The group `support` reads and acts, and rewrites nothing; nobody does."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from conversations.models import Conversation, ConversationEvent
from messaging.models import Message, Reaction, ReadReceipt
from stoory.accounts.models import User
from stoory.backstage.support import ACT, READ, make_group, permissions
from tests.admin.pages import main_of, url

HISTORY: tuple[type[Model], ...] = (Message, ConversationEvent, ReadReceipt, Reaction)
READABLE = [apps.get_model(app, model) for app, models in READ.items() for model in models]


@pytest.fixture
def helper(charlie: User) -> User:
    """A member of the group."""
    make_group(Group.objects, Permission.objects)
    User.objects.filter(pk=charlie.pk).update(is_staff=True)
    charlie.groups.add(Group.objects.get(name="support"))
    return User.objects.get(pk=charlie.pk)


@pytest.fixture
def support(helper: User) -> Client:
    made = Client()
    made.force_login(helper)
    return made


def test_migrations_make_the_group(db: None) -> None:
    group, _ = Group.objects.get_or_create(name="support")
    assert group.permissions.count() in (0, len(permissions()))  # none where a test before has emptied the database


@pytest.mark.parametrize("model", READABLE, ids=lambda model: model.__name__)
def test_it_reads_every_list(support: Client, system_user: User, model: type[Model]) -> None:
    assert support.get(url(model)).status_code == 200


@pytest.mark.parametrize("deed", ["notice", "close"])
def test_it_steps_in(support: Client, system_user: User, direct: Conversation, helper: User, deed: str) -> None:
    page = url(Conversation, "change", direct.pk)
    assert f'value="{deed}"' in main_of(support.get(page))
    assert support.post(page, {"deed": deed, "text": "Hi", "reason": "Asked to"}).status_code == 302
    assert direct.log.get().actor == helper


@pytest.mark.parametrize("permission", sorted(f"{app}.{name}" for app, names in ACT.items() for name in names))
def test_it_may_do_this(helper: User, permission: str) -> None:
    assert helper.has_perm(permission)


@pytest.mark.parametrize("page", ["add", "change", "delete", "user_password_change"])
def test_it_edits_no_account(support: Client, helper: User, alice: User, page: str) -> None:
    if page == "user_password_change":
        where = reverse("admin:auth_user_password_change", args=[alice.pk])
    else:
        where = url(User, page, *([] if page == "add" else [alice.pk]))
    assert support.post(where, {"username": "eve", "is_superuser": "on", "post": "yes"}).status_code == 403
    helper.refresh_from_db()
    assert not helper.is_superuser


@pytest.mark.parametrize("model", HISTORY, ids=lambda model: model.__name__)
def test_nobody_rewrites_history(helper: User, staff: User, model: type[Model]) -> None:
    model_admin = admin.site._registry[model]
    rights = ("has_add_permission", "has_change_permission", "has_delete_permission")
    for who in (helper, staff):
        asked = RequestFactory().get("/")
        asked.user = who
        assert model_admin.has_view_permission(asked)
        assert not any(getattr(model_admin, right)(asked) for right in rights)
        assert "delete_selected" not in model_admin.get_actions(asked)
