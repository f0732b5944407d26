"""Accounts: made, edited and deactivated by staff; the system user stays what it is."""

from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.test import Client

from conversations.models import Conversation
from stoory.accounts.admin import UserAdmin
from stoory.accounts.events import AccessRevoked
from stoory.accounts.models import SYSTEM_USER_ID, Role, User
from stoory.accounts.selectors import token_versions
from stoory.accounts.services import make_tokens_void
from tests.admin.pages import url
from tests.talk import published

PASSWORD = "correct horse battery"


@pytest.fixture
def weird(db: None) -> User:
    """A user whose id came from an identity provider."""
    return User.objects.create_user("weird", password=PASSWORD, id="auth0|a/b_1?&é")


def edited(user: User, **changes: Any) -> dict[str, Any]:
    data = {"username": user.username, "name": user.name, "email": user.email, "role": user.role, "is_active": "on"}
    return {**data, **changes}


@pytest.mark.parametrize("field", ["id", "username", "name", "email"])
def test_it_finds(browser: Client, charlie: User, alice: User, field: str) -> None:
    User.objects.filter(pk=charlie.pk).update(email="c@example.org")
    charlie.refresh_from_db()
    response = browser.get(url(User), {"q": getattr(charlie, field)})
    assert list(response.context["cl"].result_list) == [charlie]


def test_it_filters(browser: Client, alice: User, bob: User, staff: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    response = browser.get(url(User), {"role__exact": "influencer", "is_active__exact": "0"})
    assert list(response.context["cl"].result_list) == [bob]


def test_it_adds_a_user_who_can_log_in(browser: Client, client: Client) -> None:
    assert browser.get(url(User, "add")).status_code == 200
    data = {"username": "dora", "name": "Dora", "email": "d@example.org", "role": "brand_owner"}
    browser.post(url(User, "add"), {**data, "password1": PASSWORD, "password2": PASSWORD})
    dora = User.objects.get(username="dora")
    assert (dora.name, dora.email, dora.role, dora.is_staff) == ("Dora", "d@example.org", Role.BRAND_OWNER, False)
    assert PASSWORD not in dora.password
    assert client.login(username="dora", password=PASSWORD)


def test_it_refuses_a_weak_password(browser: Client) -> None:
    data = {"username": "dora", "role": "influencer", "password1": "dora", "password2": "dora"}
    assert "This password is too short" in browser.post(url(User, "add"), data).content.decode()
    assert not User.objects.filter(username="dora").exists()


def test_it_edits(browser: Client, bob: User) -> None:
    image = "https://example.org/bob.png"
    response = browser.post(url(User, "change", bob.pk), edited(bob, name="Bobby", image_url=image))
    assert response.status_code == 302
    bob.refresh_from_db()
    assert (bob.name, bob.image_url) == ("Bobby", image)
    assert bob.check_password("secret")


def test_it_takes_no_image_that_would_run(browser: Client, bob: User) -> None:
    browser.post(url(User, "change", bob.pk), edited(bob, image_url="javascript:alert(1)"))
    bob.refresh_from_db()
    assert bob.image_url == ""


def test_it_deactivates(browser: Client, bob: User, client: Client) -> None:
    browser.post(url(User, "change", bob.pk), edited(bob, is_active=""))
    assert not client.login(username="bob", password="secret")


def test_it_changes_a_password_behind_its_link(browser: Client, weird: User) -> None:
    page = browser.get(url(User, "change", quote(weird.pk)))
    assert 'href="../password/"' in page.content.decode()
    password_page = url(User, "change", quote(weird.pk)).replace("/change/", "/password/")
    browser.post(password_page, {"password1": "another horse", "password2": "another horse"})
    weird.refresh_from_db()
    assert weird.check_password("another horse")


def test_it_leaves_the_system_user_as_it_is(browser: Client, system_user: User) -> None:
    change = url(User, "change", system_user.pk)
    assert browser.get(change).status_code == 200
    assert browser.post(change, edited(system_user, is_staff="on")).status_code == 403
    data = {"password1": PASSWORD, "password2": PASSWORD}
    assert browser.post(change.replace("/change/", "/password/"), data).status_code == 403
    assert browser.post(url(User, "delete", system_user.pk), {"post": "yes"}).status_code == 403
    now = User.objects.get(pk=system_user.pk)
    assert (now.password, now.is_active, now.is_staff) == (system_user.password, False, False)


def test_it_makes_nobody_else_the_system(browser: Client, bob: User) -> None:
    browser.post(url(User, "change", bob.pk), edited(bob, role="system"))
    bob.refresh_from_db()
    assert bob.role == Role.INFLUENCER


def test_it_deletes_a_user_without_traces(browser: Client, charlie: User) -> None:
    assert browser.post(url(User, "delete", charlie.pk), {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=charlie.pk).exists()


def test_it_keeps_a_participant(browser: Client, direct: Conversation, bob: User) -> None:
    assert "deletelink" not in browser.get(url(User, "change", bob.pk)).content.decode()
    assert browser.post(url(User, "delete", bob.pk), {"post": "yes"}).status_code == 403
    assert direct.participants.filter(user=bob).exists()


def test_it_logs_out_everywhere(browser: Client, alice: User, bob: User) -> None:
    data = {"action": "log_out_everywhere", "_selected_action": [alice.pk, bob.pk]}
    assert "Say why." in browser.post(url(User), data, follow=True).content.decode()
    assert token_versions([alice.pk, bob.pk]) == {alice.pk: 0, bob.pk: 0}
    everybody = data | {"_selected_action": [alice.pk, bob.pk, SYSTEM_USER_ID], "reason": "A lost phone."}
    assert "2 users have to log in again." in browser.post(url(User), everybody, follow=True).content.decode()
    assert token_versions([alice.pk, bob.pk]) == {alice.pk: 1, bob.pk: 1}
    assert "A lost phone." in browser.get(url(User, "history", bob.pk)).content.decode()


def test_an_account_that_is_closed_is_told_to_the_servers(browser: Client, bob: User) -> None:
    form = edited(bob, name="Bobby")
    with published() as heard:
        browser.post(url(User, "change", bob.pk), form)
    assert heard == []
    del form["is_active"]
    with published() as heard:
        browser.post(url(User, "change", bob.pk), form)
    assert [(type(event), event.user_id) for event in heard if isinstance(event, AccessRevoked)] == [
        (AccessRevoked, bob.pk)
    ]


def test_a_form_undoes_no_revocation(browser: Client, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = User.objects.get(pk=bob.pk)
    make_tokens_void(bob.pk)
    monkeypatch.setattr(UserAdmin, "get_object", lambda *args: stale)
    browser.post(url(User, "change", bob.pk), edited(bob, name="Bobby"))
    bob.refresh_from_db()
    assert (bob.name, bob.token_version) == ("Bobby", 1)
