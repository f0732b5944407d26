"""From the text of a token to the user it names: the one module that knows how tokens are made and checked."""

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, ParamSpec, TypedDict, TypeVar

import jwt
import msgspec
from django.conf import settings
from django.db.models import CharField
from django.utils.functional import SimpleLazyObject
from rest_framework import authentication, exceptions
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.serializers import (
    TokenObtainPairSerializer,
    TokenRefreshSerializer,
    TokenVerifySerializer,
)
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token, UntypedToken

from stoory.accounts.models import User
from stoory.accounts.provisioning import provision
from stoory.accounts.token_memory import memory
from stoory.errors import DomainError, InvalidToken, NotAuthenticated, TokenExpired
from stoory.jwks import keys_at
from stoory.queries import Parameter, PreparedQuery
from stoory.throttling import address_of, limiter
from stoory.times import utc_now

MAX_TOKEN_LENGTH = 8_192
LEEWAY_SECONDS = 10  # that an external issuer's clock may differ from ours
TOKEN_TYPES = ("jwt", "at+jwt")  # an issuer signs other things as well: notes of logouts, for one

VERSION = "ver"  # the claim of our own tokens that says which of the user's they belong to
REMEMBERED = ("user_id", "exp", VERSION)  # claims of our own tokens, half a KB less than all

Args = ParamSpec("Args")
Result = TypeVar("Result")

Claims = dict[str, Any]

AnyToken = TypeVar("AnyToken", bound=Token)


class Identity(msgspec.Struct, frozen=True):
    """Who a verified token speaks for, and until when it lets them stay.

    By the issuer's policy that is until the token expires (strict), or for a long session that began by showing it.
    """

    user: User
    expires_at: datetime
    is_strict: bool


class IssuedToken(TypedDict):
    """A fresh access token, with what its bearer needs to know of it."""

    user_id: str
    username: str
    token: str
    expires_at: str


def identify(token: object) -> Identity:
    """Return whom `token` (its text, `Bearer ` before it or not) speaks for.

    Who the token says it is from chooses by whose keys and rules it is verified, and nothing else in it does. Raises
    `NotAuthenticated` where there is none, `TokenExpired`, and `InvalidToken` for everything else that is wrong with
    it, a deactivated or deleted user included. One query, but for an external user's first time.
    """
    text = bare(token)
    issuer = _said_issuer(text)
    if issuer is None:
        return _told(identify_own([text])[0])
    if settings.JWT_JWKS_URL and settings.JWT_ISSUER and issuer == settings.JWT_ISSUER:
        return _identify_external(text)
    raise InvalidToken


def issue_token(user: User, lifetime: timedelta | None = None) -> IssuedToken:
    """Return an access token for `user`, valid for `lifetime` or the configured time."""
    token = _versioned(AccessToken.for_user(user), user)
    if lifetime is not None:
        token.set_exp(lifetime=lifetime)
    expires_at = datetime.fromtimestamp(token["exp"], UTC)
    return {
        "user_id": user.pk,
        "username": user.username,
        "token": str(token),
        "expires_at": expires_at.isoformat().replace("+00:00", "Z"),
    }


def bare(token: object) -> str:
    """Return a token's text, without `Bearer ` before it; raises `NotAuthenticated`, `InvalidToken`."""
    if token is None:
        raise NotAuthenticated
    if not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH:
        raise InvalidToken
    scheme, _, rest = token.strip().partition(" ")
    text = rest.strip() if scheme.lower() == "bearer" else token.strip()
    if not text:
        raise NotAuthenticated
    return text


def _said_issuer(token: str) -> object:
    """Return who a token says it is from; whether it is true is for `_own_claims` or `_external_claims` to find."""
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(urlsafe_b64decode(payload + "==="))
    except (ValueError, RecursionError) as error:
        raise InvalidToken from error
    if not isinstance(claims, dict):
        raise InvalidToken
    return claims.get("iss")


# Our own tokens

_USER = [field.attname for field in User._meta.concrete_fields]
_ACTIVE_USERS = PreparedQuery(
    lambda: (
        User.objects.filter(id__in=[Parameter("users", CharField(), many=True)], is_active=True)
        .order_by()
        .values_list(*_USER)
    )
)


def is_own(text: str) -> bool:
    """Return whether a bare token says that it is ours; raises `InvalidToken` for what is none."""
    return _said_issuer(text) is None


def identify_own(texts: Sequence[str]) -> list[Identity | DomainError]:
    """Return whom each of our own bare tokens speaks for, or why it speaks for nobody. One query."""
    claimed = [_attempt(_own_claims, text) for text in texts]
    users = _active_users(claims for claims in claimed if isinstance(claims, dict))
    return [_attempt(_identified, claims, users) if isinstance(claims, dict) else claims for claims in claimed]


def _attempt(function: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs) -> Result | DomainError:
    try:
        return function(*args, **kwargs)
    except DomainError as error:
        return error


def _told(answer: Identity | DomainError) -> Identity:
    if isinstance(answer, DomainError):
        raise answer
    return answer


def _identified(claims: Claims, users: Mapping[str, User]) -> Identity:
    return _identity(_user_of(claims, users), settings.JWT_EXPIRY_POLICY_OWN, claims["exp"])


def _active_users(named: Iterable[Claims | Token]) -> dict[str, User]:
    """Return the users whom claims name, by their ids."""
    ids = {user_id for claims in named if isinstance(user_id := claims.get("user_id"), str)}
    rows = _ACTIVE_USERS.rows(users=list(ids)) if ids else []
    return {user.pk: user for user in (User.from_db("default", _USER, row) for row in rows)}


def _user_of(claims: Claims | Token, users: Mapping[str, User]) -> User:
    """Return whose token it is; raises `InvalidToken` where the user is not here, or has made it void."""
    user_id = claims.get("user_id")
    user = users.get(user_id) if isinstance(user_id, str) else None
    if user is None or claims.get(VERSION, 0) != user.token_version:
        raise InvalidToken
    return user


def _versioned(token: AnyToken, user: User) -> AnyToken:
    token[VERSION] = user.token_version
    return token


def _own_claims(token: str) -> Claims:
    claims = _verified(token)
    if claims["exp"] <= time.time():
        raise TokenExpired
    return claims


@lru_cache(maxsize=4_096)  # of the signatures that were right; a client shows the same token with every request
def _verified(token: str) -> Claims:
    try:
        claims = AccessToken(token).payload  # type: ignore[arg-type]  # its annotation asks for a token, not for a text
    except ExpiredTokenError as error:
        raise TokenExpired from error
    except (TokenError, TypeError, ValueError, OverflowError) as error:
        raise InvalidToken from error
    return {name: claims[name] for name in REMEMBERED if name in claims}


# The external issuer's


def _identify_external(token: str) -> Identity:
    claims = _external_claims(token)
    user = provision(issuer=settings.JWT_ISSUER, claims=claims)
    if not user.is_active or _is_revoked(user, float(claims["iat"])):
        raise InvalidToken
    return _identity(user, settings.JWT_EXPIRY_POLICY_EXTERNAL, claims["exp"])


def _is_revoked(user: User, issued_at: float) -> bool:
    """Return whether a token is from before the user was logged out everywhere; in doubt it is."""
    return user.tokens_revoked_at is not None and issued_at <= user.tokens_revoked_at.timestamp()


def _external_claims(token: str) -> Claims:
    try:
        key = _key_of(jwt.get_unverified_header(token))
        claims = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=settings.JWT_ISSUER,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "exp", "iat"], "verify_aud": False},
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenExpired from error
    except jwt.InvalidTokenError as error:
        raise InvalidToken from error
    if not _is_for_us(claims):
        raise InvalidToken
    return claims


def _key_of(header: dict[str, Any]) -> jwt.PyJWK:
    """Return the configured issuer's key of that id; keys that the header brings, or points to, do not count."""
    kid, kind = header.get("kid"), header.get("typ", "JWT")
    if not isinstance(kid, str) or not isinstance(kind, str) or kind.lower() not in TOKEN_TYPES:
        raise InvalidToken
    key = keys_at(settings.JWT_JWKS_URL).key(kid)
    if key is None:
        raise InvalidToken
    return key


def _is_for_us(claims: Claims) -> bool:
    """Return whether a token was issued for us: to be read by (`aud`) or, where it names no reader, used by (`azp`)."""
    if not settings.JWT_AUDIENCE:
        return True
    named = claims.get("aud", claims.get("azp"))
    return any(name in settings.JWT_AUDIENCE for name in (named if isinstance(named, list) else [named]))


def _identity(user: User, policy: str, token_expires: Any) -> Identity:
    is_strict = policy == "strict"
    if not is_strict:
        return Identity(user, utc_now() + timedelta(hours=settings.JWT_SESSION_MAX_HOURS), is_strict)
    try:
        return Identity(user, datetime.fromtimestamp(int(token_expires), UTC), is_strict)
    except (OverflowError, ValueError) as error:  # beyond the year 9999
        raise InvalidToken from error


class ObtainSerializer(TokenObtainPairSerializer):
    """simplejwt's; the tokens say of which version they are, and so do those that they are exchanged for."""

    @classmethod
    def get_token(cls, user: Any) -> Token:
        return _versioned(super().get_token(user), user)


class RefreshSerializer(TokenRefreshSerializer):
    """simplejwt's, which takes void tokens, and fails on those of a user who is gone."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        _check_counts(RefreshToken(attrs["refresh"]))
        return super().validate(attrs)


class VerifySerializer(TokenVerifySerializer):
    """simplejwt's, which takes void tokens."""

    def validate(self, attrs: dict[str, Any]) -> dict[Any, Any]:
        verified = super().validate(attrs)
        _check_counts(UntypedToken(attrs["token"]))
        return verified


def _check_counts(token: Token) -> None:
    try:
        _user_of(token, _active_users([token]))
    except InvalidToken as error:
        raise _failed(error) from error


def _failed(error: DomainError) -> exceptions.AuthenticationFailed:
    return exceptions.AuthenticationFailed(error.message, error.code)


class TokenAuthentication(authentication.BaseAuthentication):
    """DRF authentication by `Authorization: Bearer …`, under the same rules as the sockets."""

    def authenticate(self, request: Request) -> "tuple[User | KnownBearer, None] | None":
        header = request.headers.get("Authorization", "")
        scheme, _, rest = header.partition(" ")
        if not header or (rest and scheme.lower() != "bearer"):
            return None
        try:
            return _bearer(bare(header)), None
        except DomainError as error:
            limiter().charge("other", address=address_of(request))  # others are counted when they may ask
            raise _failed(error) from error

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class KnownBearer(SimpleLazyObject):  # type: ignore[type-arg]  # which Django makes generic for type checkers alone
    """Whoever showed a good token a moment ago: their id, and the rest of them where somebody asks for it."""

    is_authenticated = True

    def __init__(self, user_id: str) -> None:
        super().__init__(lambda: _loaded(user_id))
        self.__dict__["pk"] = user_id

    def __bool__(self) -> bool:
        return True


def _bearer(text: str) -> User | KnownBearer:
    """Return who shows a token; raises as `identify` does."""
    user_id = memory.user_of(text)
    if user_id is not None:
        _own_claims(text)
        return KnownBearer(user_id)
    user = identify(text).user
    if is_own(text):
        memory.remember(text, user.pk)
    return user


def _loaded(user_id: str) -> User:
    user = _active_users([{"user_id": user_id}]).get(user_id)
    if user is None:  # gone since
        raise _failed(InvalidToken())
    return user
