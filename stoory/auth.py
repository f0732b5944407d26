"""From the text of a token to the user it names: the one module that knows how tokens are made and checked."""

from datetime import UTC, datetime, timedelta
from typing import TypedDict

import msgspec
from rest_framework import authentication, exceptions
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.tokens import AccessToken

from stoory.accounts.models import User
from stoory.errors import DomainError, InvalidToken, NotAuthenticated, TokenExpired

MAX_TOKEN_LENGTH = 8_192


class Identity(msgspec.Struct, frozen=True):
    """Who a verified token speaks for, and until when."""

    user: User
    expires_at: datetime


class IssuedToken(TypedDict):
    """A fresh access token, with what its bearer needs to know of it."""

    user_id: str
    username: str
    token: str
    expires_at: str


def identify(token: object) -> Identity:
    """Return whom `token` (its text, `Bearer ` before it or not) speaks for.

    Raises `NotAuthenticated` where there is none, `TokenExpired`, and `InvalidToken` for everything else that is wrong
    with it, a deactivated or deleted user included. One query.
    """
    claims = _claims(_bare(token))
    user_id = claims.get("user_id")
    user = User.objects.filter(pk=user_id, is_active=True).first() if isinstance(user_id, str) else None
    if user is None:
        raise InvalidToken
    return Identity(user=user, expires_at=datetime.fromtimestamp(claims["exp"], UTC))


def issue_token(user: User, lifetime: timedelta | None = None) -> IssuedToken:
    """Return an access token for `user`, valid for `lifetime` or the configured time."""
    token = AccessToken.for_user(user)
    if lifetime is not None:
        token.set_exp(lifetime=lifetime)
    expires_at = datetime.fromtimestamp(token["exp"], UTC)
    return {
        "user_id": user.pk,
        "username": user.username,
        "token": str(token),
        "expires_at": expires_at.isoformat().replace("+00:00", "Z"),
    }


def _bare(token: object) -> str:
    if token is None or token == "":
        raise NotAuthenticated
    if not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH:
        raise InvalidToken
    return token.removeprefix("Bearer ").strip()


def _claims(token: str) -> AccessToken:
    try:
        return AccessToken(token)  # type: ignore[arg-type]  # its annotation asks for a token, its code for the text
    except ExpiredTokenError as error:
        raise TokenExpired from error
    except (TokenError, ValueError) as error:
        raise InvalidToken from error


class TokenAuthentication(authentication.BaseAuthentication):
    """DRF authentication by `Authorization: Bearer …`, under the same rules as the sockets."""

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            identity = identify(token)
        except DomainError as error:
            raise exceptions.AuthenticationFailed(error.message, error.code) from error
        return identity.user, identity

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
