"""Tokens that are wrong, each in its own way, and the code that says so."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta

import jwt
from rest_framework_simplejwt.tokens import RefreshToken

from stoory.accounts.models import User
from stoory.auth import MAX_TOKEN_LENGTH, issue_token

Forge = Callable[[User], str]


def expired(user: User) -> str:
    return issue_token(user, timedelta(seconds=-1))["token"]


def refresh(user: User) -> str:
    return str(RefreshToken.for_user(user))


def unsigned(user: User) -> str:
    """A token whose header asks for no algorithm, and whose signature is empty."""
    parts: list[object] = [{"alg": "none", "typ": "JWT"}, claims(user)]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def signed_by_a_stranger(user: User) -> str:
    return jwt.encode(claims(user), "somebody else's key, which is long enough", algorithm="HS256")


def tampered(user: User) -> str:
    header, _, signature = issue_token(user)["token"].split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(user) | {"user_id": "another"}).encode()).decode().rstrip("=")
    return f"{header}.{body}.{signature}"


def deactivated(user: User) -> str:
    User.objects.filter(pk=user.pk).update(is_active=False)
    return issue_token(user)["token"]


def deleted(user: User) -> str:
    token = issue_token(user)["token"]
    user.delete()
    return token


def claims(user: User) -> dict[str, object]:
    """What an access token of the user says."""
    return jwt.decode(issue_token(user)["token"], options={"verify_signature": False})


BAD: dict[str, tuple[Forge, str]] = {
    "nonsense": (lambda user: "nonsense", "invalid_token"),
    "not ASCII": (lambda user: "tökén", "invalid_token"),
    "too long": (lambda user: "a" * (MAX_TOKEN_LENGTH + 1), "invalid_token"),
    "expired": (expired, "token_expired"),
    "refresh": (refresh, "invalid_token"),
    "unsigned": (unsigned, "invalid_token"),
    "signed by a stranger": (signed_by_a_stranger, "invalid_token"),
    "tampered": (tampered, "invalid_token"),
    "of a deactivated user": (deactivated, "invalid_token"),
    "of a deleted user": (deleted, "invalid_token"),
}
