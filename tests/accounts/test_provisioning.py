"""Users of an external issuer are made when they are first seen, and nobody else's user becomes theirs."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from stoory.accounts.models import SYSTEM_USER_ID, Role, User
from stoory.auth import identify
from stoory.errors import InvalidToken
from tests.accounts.issuer import NAME, SUBJECT, Issuer
from tests.concurrency.threads import at_once


def provisioned(issuer: Issuer, **claims: Any) -> User:
    user = identify(issuer.token(**claims)).user
    return User.objects.get(pk=user.pk)


def test_a_user_is_made_at_first_sight(issuer: Issuer, db: None) -> None:
    user = provisioned(issuer, name="Eve Ning", picture="https://example.org/eve.png")
    assert (user.pk, user.username, user.issuer) == (SUBJECT, SUBJECT, NAME)
    assert (user.name, user.image_url, user.role) == ("Eve Ning", "https://example.org/eve.png", Role.INFLUENCER)
    assert (user.is_active, user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False, False)


def test_a_user_is_made_once_and_left_as_it_is(issuer: Issuer, db: None) -> None:
    provisioned(issuer, name="Eve")
    User.objects.filter(pk=SUBJECT).update(name="Eve Ning")
    assert provisioned(issuer, name="Mallory", picture="https://example.org/m.png").name == "Eve Ning"


def test_many_first_sights_at_once_make_one_user(issuer: Issuer, transactional_db: None) -> None:
    seen = at_once([lambda: identify(issuer.token()).user.pk] * 8)
    assert seen == [SUBJECT] * 8
    assert User.objects.filter(pk=SUBJECT).count() == 1
    assert issuer.fetches == 1


@pytest.mark.parametrize("subject", ["u", "u" * 64, "auth|1/2?&é", "0197f000-0000-7000-8000-000000000000"])
def test_subjects_are_taken_as_they_are(issuer: Issuer, db: None, subject: str) -> None:
    user = provisioned(issuer, sub=subject)
    assert (user.pk, user.username) == (subject, subject)


@pytest.mark.parametrize(
    ("claim", "name"),
    [
        (None, ""),
        ("", ""),
        (5, ""),
        (["Eve"], ""),
        (" Eve\n", "Eve"),
        ("E\x00v\ud800e", "Eve"),
        ("n" * 200, "n" * 150),
        ("می‌خواهم", "می‌خواهم"),
    ],
)
def test_a_name_is_what_can_be_kept_of_it(issuer: Issuer, db: None, claim: Any, name: str) -> None:
    assert provisioned(issuer, name=claim).name == name


@pytest.mark.parametrize(
    "claim",
    [
        None,
        "",
        5,
        "javascript:alert(1)",
        "data:image/png,x",
        "/eve.png",
        "https:",
        "https://[",
        "https://example.org/\n",
        "https://example.org/\ud800",
        "https://example.org/" + "x" * 500,
    ],
)
def test_a_picture_that_is_no_address_is_left_out(issuer: Issuer, db: None, claim: Any) -> None:
    assert provisioned(issuer, picture=claim).image_url == ""


@pytest.mark.parametrize(
    ("name", "said", "role"),
    [
        ("", "brand_owner", Role.INFLUENCER),
        ("kind", "brand_owner", Role.BRAND_OWNER),
        ("kind", "influencer", Role.INFLUENCER),
        ("kind", "staff", Role.INFLUENCER),
        ("kind", "system", Role.INFLUENCER),
        ("kind", ["brand_owner"], Role.INFLUENCER),
        ("kind", None, Role.INFLUENCER),
    ],
)
def test_a_role_is_only_ever_the_one_of_two(
    issuer: Issuer, db: None, settings: Settings, name: str, said: Any, role: Role
) -> None:
    settings.JWT_ROLE_CLAIM = name
    assert provisioned(issuer, kind=said).role == role


# Takeovers


@pytest.mark.parametrize("other", ["", "https://elsewhere.example.org"])
def test_an_issuer_does_not_speak_for_another_ones_user(issuer: Issuer, db: None, other: str) -> None:
    User.objects.create_user("eve", id=SUBJECT, issuer=other, name="Eve")
    with pytest.raises(InvalidToken):
        identify(issuer.token(name="Mallory"))
    user = User.objects.get(pk=SUBJECT)
    assert (user.issuer, user.name) == (other, "Eve")


def test_an_issuer_does_not_speak_for_the_system(issuer: Issuer, system_user: User) -> None:
    User.objects.filter(pk=SYSTEM_USER_ID).update(is_active=True)
    with pytest.raises(InvalidToken):
        identify(issuer.token(sub=SYSTEM_USER_ID))


def test_a_name_that_is_taken_is_not_shared(issuer: Issuer, alice: User) -> None:
    with pytest.raises(InvalidToken):
        identify(issuer.token(sub="alice"))
    assert User.objects.get(username="alice") == alice


# Their life


def test_a_deactivated_user_is_not_made_anew(issuer: Issuer, db: None) -> None:
    provisioned(issuer)
    User.objects.filter(pk=SUBJECT).update(is_active=False)
    with pytest.raises(InvalidToken):
        identify(issuer.token())


def test_a_deleted_user_comes_back_as_a_stranger(issuer: Issuer, db: None) -> None:
    provisioned(issuer, name="Eve").delete()
    assert provisioned(issuer).name == ""


def test_staff_can_deactivate_them(issuer: Issuer, staff: User, client: Client) -> None:
    provisioned(issuer, sub="auth|1")  # no username that the form would take
    client.force_login(staff)
    page = "/admin/accounts/user/auth%7C1/change/"
    assert NAME in client.get(page).content.decode()
    client.post(page, {"name": "Eve", "role": "influencer", "email": ""})
    user = User.objects.get(pk="auth|1")
    assert (user.username, user.name, user.is_active) == ("auth|1", "Eve", False)
