"""Passwords: the one way to log in by them, for tokens, the admin and the browsable API."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from stoory.accounts.models import User
from stoory.throttling import address_of, limiter

MAX_USERNAME = 150  # the column's


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
