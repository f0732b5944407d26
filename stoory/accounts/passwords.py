"""Passwords: the one way to log in by them, for tokens, the admin and the browsable API; and what a new one ends."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from stoory.accounts.models import User
from stoory.accounts.services import make_tokens_void
from stoory.throttling import address_of, limiter

MAX_USERNAME = 150  # the column's


class LogOutElsewhere:
    """Makes a user's tokens void when their password changes: what Django's list of validators is told as well."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Take any password."""

    def get_help_text(self) -> str:
        return ""

    def password_changed(self, password: str, user: User) -> None:
        make_tokens_void(user.pk)
        user.refresh_from_db(fields=["token_version", "tokens_revoked_at"])


class PasswordBackend(ModelBackend):
    """Django's, with so many attempts an address and name, and so many an address.

    Not an account as such: anybody could lock its owner out. Raises `RateLimited`, before a password is hashed.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if request is not None:
            address = address_of(request)
            limiter().charge("login", f"{address} {str(username)[:MAX_USERNAME]}", address)
        return super().authenticate(request, username, password, **kwargs)
