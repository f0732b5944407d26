"""Tokens of an external issuer: the good ones name their user, and no other way of making one does."""

import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings as project
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from stoory.accounts.models import SYSTEM_USER_ID, User
from stoory.auth import identify, issue_token
from stoory.errors import DomainError, InvalidToken, NotAuthenticated, TokenExpired
from tests.accounts.issuer import NAME, SUBJECT, Issuer, encoded, public_jwk, raw_token, rsa_key, signed_by_first
from tests.accounts.tokens import claims as own_claims
from tests.accounts.tokens import refresh

pytestmark = pytest.mark.slow

Forge = Callable[[Issuer, User], Any]

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OTHER_KEY = rsa_key("of somebody else")


def seconds_from_now(seconds: float) -> int:
    return int(time.time() + seconds)


def unsigned(algorithm: Any) -> Forge:
    return lambda issuer, alice: raw_token({"alg": algorithm, "kid": "rsa-1"}, issuer.claims())


def signed(header: Any, claims: Any) -> str:
    return raw_token(header, claims, signed_by_first)


def hmac_with_public_pem(issuer: Issuer, alice: User) -> str:
    """What a verifier accepts that lets the token choose how its public key is used."""
    pem = issuer.keys["rsa-1"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "typ": "JWT", "kid": "rsa-1"}
    return raw_token(header, issuer.claims(), lambda text: hmac.digest(pem, text, hashlib.sha256))


def hmac_with_our_key(issuer: Issuer, alice: User) -> str:
    return jwt.encode(issuer.claims(), project.JWT_SIGNING_KEY, "HS256", headers={"kid": "rsa-1"})


def tampered(issuer: Issuer, alice: User) -> str:
    header, _, signature = issuer.token().split(".")
    _, body, _ = issuer.token(sub="user_3def").split(".")
    return f"{header}.{body}.{signature}"


def other_algorithm(issuer: Issuer, alice: User) -> str:
    return jwt.encode(issuer.claims(), rsa_key("first"), "RS512", headers={"kid": "rsa-1"})


def bringing_its_key(issuer: Issuer, alice: User) -> str:
    return issuer.token(key=OTHER_KEY, headers={"jwk": public_jwk(OTHER_KEY, "rsa-1")})


def pointing_to_keys(name: str) -> Forge:
    return lambda issuer, alice: issuer.token(key=OTHER_KEY, headers={name: issuer.url.replace("/keys", "/evil")})


def of_deactivated(issuer: Issuer, alice: User) -> str:
    User.objects.create_user("gone", id=SUBJECT, issuer=NAME, is_active=False)
    return issuer.token()


def of_deleted(issuer: Issuer, alice: User) -> str:
    token = issue_token(alice)["token"]
    alice.delete()
    return token


def with_header(**headers: Any) -> Forge:
    return lambda issuer, alice: issuer.token(headers=headers)


def with_kid(kid: str | None) -> Forge:
    return lambda issuer, alice: issuer.token(kid=kid, key=rsa_key("first"))


def saying(**claims: Any) -> Forge:
    return lambda issuer, alice: issuer.token(**claims)


def after(prefix: str) -> Forge:
    return lambda issuer, alice: prefix + issuer.token()


def before(suffix: str) -> Forge:
    return lambda issuer, alice: issuer.token() + suffix


GOOD: dict[str, Forge] = {
    "RS256": saying(),
    "ES256": lambda issuer, alice: issuer.token(kid="ec-1"),
    "after Bearer": after("Bearer "),
    "after bearer": after("bearer "),
    "after white space": after(" Bearer \t"),
    "for others as well": saying(aud=["others", "stoory"]),
    "used by us, for no reader": saying(aud=None, azp="stoory"),
    "over for less than clocks may differ": lambda issuer, alice: issuer.token(exp=seconds_from_now(-5)),
    "of an access token's type": with_header(typ="at+jwt"),
    "without a type": lambda issuer, alice: signed({"alg": "RS256", "kid": "rsa-1"}, issuer.claims()),
    "our own": lambda issuer, alice: issue_token(alice)["token"],
}
BAD: dict[str, Forge] = {
    # Signatures
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg nOnE": unsigned("nOnE"),
    "alg null": unsigned(None),
    "alg a list": lambda issuer, alice: signed({"alg": ["RS256"], "kid": "rsa-1"}, issuer.claims()),
    "no alg": lambda issuer, alice: signed({"kid": "rsa-1"}, issuer.claims()),
    "HS256 with the public PEM": hmac_with_public_pem,
    "HS256 with our own key": hmac_with_our_key,
    "RS512": other_algorithm,
    "tampered": tampered,
    "no signature": lambda issuer, alice: issuer.token().rpartition(".")[0] + ".",
    # Keys
    "another key under the same kid": lambda issuer, alice: issuer.token(key=OTHER_KEY),
    "a kid of the other type": lambda issuer, alice: issuer.token(kid="ec-1", key=rsa_key("first")),
    "no kid": with_kid(None),
    "an empty kid": with_kid(""),
    "an unknown kid": with_kid("unknown"),
    "a kid that is a path": with_kid("../../../../dev/null"),
    "a kid that is SQL": with_kid("rsa-1' OR '1'='1"),
    "a kid that is a number": lambda issuer, alice: signed({"alg": "RS256", "kid": 1}, issuer.claims()),
    "its own key in jwk": bringing_its_key,
    "its own keys behind jku": pointing_to_keys("jku"),
    "its own keys behind x5u": pointing_to_keys("x5u"),
    # Headers
    "an unknown crit": with_header(crit=["https://example.org/x"], **{"https://example.org/x": 1}),
    "crit of a claim": with_header(crit=["exp"], exp=1),
    "an empty crit": with_header(crit=[]),
    "a note of a logout": with_header(typ="logout+jwt"),
    "a type that is none": with_header(typ=["JWT"]),
    # Claims
    "not yet": lambda issuer, alice: issuer.token(nbf=seconds_from_now(60)),
    "issued in the future": lambda issuer, alice: issuer.token(iat=seconds_from_now(60)),
    "of another issuer": saying(iss="https://elsewhere.example.org"),
    "of an issuer in a list": lambda issuer, alice: signed({"alg": "RS256", "kid": "rsa-1"}, issuer.claims(iss=[NAME])),
    "of no issuer": saying(iss=None),
    "for others": saying(aud="others"),
    "for others, used by us": saying(aud="others", azp="stoory"),
    "for nobody": saying(aud=[]),
    "for nobody, used by us": saying(aud=[], azp="stoory"),
    "for no reader, used by others": saying(aud=None, azp="others"),
    "for what is no text": saying(aud={"stoory": 1}),
    "without sub": saying(sub=None),
    "without exp": saying(exp=None),
    "without iat": saying(iat=None),
    "exp that is no time": saying(exp="soon"),
    # Subjects
    "an empty subject": saying(sub=""),
    "a long subject": saying(sub="u" * 65),
    "a number as subject": saying(sub=5),
    "NUL in the subject": saying(sub="user\x00"),
    "a lone surrogate in the subject": saying(sub="user\ud800"),
    "a line break in the subject": saying(sub="user\n"),
    "the subject is a user of ours": lambda issuer, alice: issuer.token(sub=alice.pk),
    "the subject is the system user": saying(sub=SYSTEM_USER_ID),
    "of a deactivated user": of_deactivated,
    # Our own
    "our own of a deleted user": of_deleted,
    "our own refresh token": lambda issuer, alice: refresh(alice),
    "our own with the issuer's name": lambda issuer, alice: jwt.encode(
        own_claims(alice) | {"iss": NAME}, project.JWT_SIGNING_KEY, "HS256"
    ),
    "our own with another name": lambda issuer, alice: jwt.encode(
        own_claims(alice) | {"iss": "stoory"}, project.JWT_SIGNING_KEY, "HS256"
    ),
    # Texts
    "after Bearer twice": after("Bearer Bearer "),
    "after another scheme": after("Basic "),
    "after a colon": after("Bearer: "),
    "before something": before(" x"),
    "with a fourth part": before(".x"),
    "long claims": saying(filler="x" * 8_000),
    "100 KB": before("A" * 100_000),
    "a list of claims": lambda issuer, alice: signed({"alg": "RS256", "kid": "rsa-1"}, [NAME]),
    "deep claims": lambda issuer, alice: f"e30.{encoded(b'[' * 4_000).decode()}.",
    "a deep header": lambda issuer, alice: encoded(b"[" * 4_000).decode() + ".e30.",
    "not ASCII": lambda issuer, alice: "tökén.tökén.tökén",
    "a lone surrogate": lambda issuer, alice: "\ud800.e30.e30",
    "NUL": lambda issuer, alice: "\x00",
    "a number": lambda issuer, alice: 5,
    "bytes": lambda issuer, alice: issuer.token().encode(),
    "an object": lambda issuer, alice: {"token": issuer.token()},
}
EXPIRED: dict[str, Forge] = {
    "expired": lambda issuer, alice: issuer.token(exp=seconds_from_now(-30)),
    "long expired": saying(exp=1),
    "our own expired": lambda issuer, alice: issue_token(alice, timedelta(seconds=-1))["token"],
}
NONE: dict[str, Forge] = {
    "null": lambda issuer, alice: None,
    "empty": lambda issuer, alice: "",
    "white space": lambda issuer, alice: "  ",
    "Bearer and nothing": lambda issuer, alice: "Bearer ",
}


@pytest.mark.parametrize(
    ("forge", "error"),
    [
        pytest.param(forge, error, id=name)
        for table, error in ((GOOD, None), (BAD, InvalidToken), (EXPIRED, TokenExpired), (NONE, NotAuthenticated))
        for name, forge in table.items()
    ],
)
def test_only_good_ones_pass(
    issuer: Issuer, alice: User, system_user: User, forge: Forge, error: type[DomainError] | None
) -> None:
    token = forge(issuer, alice)
    users = set(User.objects.values_list("pk", flat=True))
    if error is None:
        assert identify(token).user.pk in (SUBJECT, alice.pk)
    else:
        with pytest.raises(error):
            identify(token)
        assert set(User.objects.values_list("pk", flat=True)) == users
    assert set(issuer.paths) <= {"/keys"}


def test_headers_that_point_to_keys_change_nothing(issuer: Issuer, db: None) -> None:
    headers = {"jku": "http://127.0.0.1:9/", "x5u": "http://127.0.0.1:9/", "jwk": public_jwk(OTHER_KEY, "rsa-1")}
    assert identify(issuer.token(headers=headers)).user.pk == SUBJECT
    assert issuer.paths == ["/keys"]


@pytest.mark.parametrize("forge", [with_kid(None), with_header(typ="logout+jwt"), with_header(crit=["exp"])])
def test_what_is_no_token_of_its_kind_is_not_worth_a_fetch(issuer: Issuer, alice: User, forge: Forge) -> None:
    with pytest.raises(InvalidToken):
        identify(forge(issuer, alice))
    assert issuer.fetches == 0


def test_known_users_cost_one_query_and_no_fetch(
    issuer: Issuer, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    identify(issuer.token())
    with django_assert_num_queries(1):
        identify(issuer.token(kid="ec-1"))
    assert issuer.fetches == 1


def test_an_audience_is_checked_where_one_is_set(issuer: Issuer, db: None, settings: Settings) -> None:
    settings.JWT_AUDIENCE = []
    for audience in (None, "others", ["others"]):
        assert identify(issuer.token(aud=audience)).user.pk == SUBJECT


@pytest.mark.parametrize("unset", [["JWT_JWKS_URL"], ["JWT_ISSUER"], ["JWT_JWKS_URL", "JWT_ISSUER"]])
@pytest.mark.parametrize("claimed", [NAME, ""])
def test_without_an_issuer_there_are_no_such_tokens(
    issuer: Issuer,
    alice: User,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    unset: list[str],
    claimed: str,
) -> None:
    for name in unset:
        setattr(settings, name, "")
    for subject in (SUBJECT, alice.pk):
        with pytest.raises(InvalidToken):
            identify(issuer.token(iss=claimed, sub=subject))
    assert (issuer.fetches, caplog.records) == (0, [])
    assert identify(issue_token(alice)["token"]).user == alice


# Until when


def test_its_user_may_stay_for_a_session(issuer: Issuer, db: None) -> None:
    with time_machine.travel(NOON, tick=False):
        identity = identify(issuer.token())
    assert (identity.expires_at, identity.is_strict) == (NOON + timedelta(hours=12), False)


def test_a_session_is_as_long_as_is_set(issuer: Issuer, db: None, settings: Settings) -> None:
    settings.JWT_SESSION_MAX_HOURS = 1
    with time_machine.travel(NOON, tick=False):
        assert identify(issuer.token()).expires_at == NOON + timedelta(hours=1)


def test_its_user_may_stay_until_it_expires_if_so_set(issuer: Issuer, db: None, settings: Settings) -> None:
    settings.JWT_EXPIRY_POLICY_EXTERNAL = "strict"
    with time_machine.travel(NOON, tick=False):
        identity = identify(issuer.token())
    assert (identity.expires_at, identity.is_strict) == (NOON + timedelta(seconds=60), True)


@pytest.mark.parametrize("year_10000", [253_402_300_800, 10**30])
def test_a_time_beyond_ours_is_no_time(issuer: Issuer, db: None, settings: Settings, year_10000: int) -> None:
    settings.JWT_EXPIRY_POLICY_EXTERNAL = "strict"
    with pytest.raises(InvalidToken):
        identify(issuer.token(exp=year_10000))


@pytest.mark.parametrize(
    ("policy", "stays", "is_strict"), [("strict", timedelta(hours=1), True), ("session", timedelta(hours=12), False)]
)
def test_our_own_have_a_policy_too(
    alice: User, settings: Settings, policy: str, stays: timedelta, is_strict: bool
) -> None:
    settings.JWT_EXPIRY_POLICY_OWN = policy
    with time_machine.travel(NOON, tick=False):
        identity = identify(issue_token(alice)["token"])
    assert (identity.expires_at, identity.is_strict) == (NOON + stays, is_strict)


# REST


def rest(token: str) -> APIClient:
    client = APIClient()
    client.default_format = "json"
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_it_speaks_for_its_user_over_rest(issuer: Issuer, alice: User) -> None:
    client = rest(issuer.token(name="Eve"))
    opened = client.post("/api/messages/conversations", {"type": "direct", "receiver_id": alice.pk})
    context = client.get(f"/api/messages/conversations/{opened.json()['conversation']['id']}/context").json()
    me = context["context"]["users"]["current"]
    assert (me["id"], me["name"], me["role"]) == (SUBJECT, "Eve", "influencer")


def test_a_bad_one_is_refused_over_rest(issuer: Issuer, db: None) -> None:
    response = rest(issuer.token(key=OTHER_KEY)).get("/api/messages/conversations")
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
