"""What REST of tokens takes and answers, for people who call it."""

from typing import Annotated, TypedDict

import msgspec
from msgspec import Meta

from stoory.accounts.views import Whose
from stoory.documents.operations import Operation, Operations, Success

RefreshToken = Annotated[
    str, Meta(description="Lives 14 days, and works once: what comes back replaces it.", examples=["eyJhbGciOi…"])
]


class Credentials(msgspec.Struct):
    username: Annotated[str, Meta(examples=["alice"])]
    password: Annotated[str, Meta(examples=["stoory-demo"])]


class Refreshing(msgspec.Struct):
    refresh: RefreshToken


class Verifying(msgspec.Struct):
    token: Annotated[str, Meta(examples=["eyJhbGciOi…"])]


class Tokens(TypedDict):
    """A pair of tokens."""

    refresh: RefreshToken
    access: Annotated[str, Meta(description="Lives an hour: `Authorization: Bearer …`.", examples=["eyJhbGciOi…"])]


class Nothing(TypedDict):
    """An empty object: it is so."""


REFUSED = ("invalid_token",)

OPERATIONS: Operations = {
    "POST /api/token": Operation(
        tag="Tokens",
        summary="Log in: a name and a password for a pair of tokens",
        body=Credentials,
        answers={200: Tokens},
        errors=("not_authenticated",),
        public=True,
    ),
    "POST /api/token/refresh": Operation(
        tag="Tokens",
        summary="Replace a pair of tokens by a new one",
        body=Refreshing,
        answers={200: Tokens},
        errors=REFUSED,
        public=True,
    ),
    "POST /api/token/verify": Operation(
        tag="Tokens",
        summary="Ask whether a token is good, of either kind",
        body=Verifying,
        answers={200: Nothing},
        errors=REFUSED,
        public=True,
    ),
    "POST /api/token/revoke": Operation(
        tag="Tokens",
        summary="Log out: a refresh token that works no more",
        body=Refreshing,
        answers={200: Nothing},
        errors=REFUSED,
        public=True,
    ),
    "POST /api/token/revoke-all": Operation(
        tag="Tokens",
        summary="Log out everywhere: all your tokens are void, all your sockets closed",
        about="Staff may name somebody else by `account_id`.",
        body=Whose,
        is_body_optional=True,
        example={},
        answers={200: Success},
        errors=("forbidden", "not_found"),
    ),
}
