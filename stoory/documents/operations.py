"""What describes a method of a route for people who call it, and the shapes that all answers share."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec
from msgspec import Meta

from stoory.documents import fields as f


class Success(TypedDict):
    """It was done."""

    success: Literal[True]


class Failure(TypedDict):
    """Nothing was done, and why. `errors` is there where a field is to blame; the last four come with some codes."""

    success: Literal[False]
    message: f.Fault
    code: f.Code
    errors: NotRequired[Annotated[dict[str, Any], Meta(description="What is wrong, by field.")]]
    fields: NotRequired[Annotated[dict[str, str], Meta(description="Faults by input (`invalid_input`).")]]
    current: NotRequired[Annotated[dict[str, Any], Meta(description="Where the conversation is now (actions).")]]
    findings: NotRequired[Annotated[list[Any], Meta(description="What is wrong with a flow (`invalid_flow`).")]]
    problems: NotRequired[Annotated[list[str], Meta(description="What forbids a migration (`migration_refused`).")]]


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that is no JSON."""

    media_type: str


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """A method of a route: what it takes, what it answers by status, by which codes it refuses.

    `query` is a typed dictionary of the query's parameters. A `public` one needs no token. Every operation refuses with
    the usual codes of its kind as well: see `stoory.openapi.document`. The example of the body is made of those of its
    fields, unless there is an `example`, or several, by name.
    """

    tag: str
    summary: str
    about: str = ""
    query: Any = None
    body: Any = None
    is_body_optional: bool = False
    example: Any = None
    examples: Mapping[str, Any] = {}
    takes_idempotency_key: bool = False
    headers: Mapping[str, str] = {}
    answers: Mapping[int, Any] = {}
    errors: tuple[str, ...] = ()
    public: bool = False


Operations = Mapping[str, Operation]
"""Operations by `METHOD /path/{parameter}`, the path as the routes have it, without its last slash."""


class Page(TypedDict, total=False):
    """Which page, and how many a page has."""

    page: Annotated[int, Meta(description="From 1.", ge=1, examples=[1])]
    limit: Annotated[int, Meta(description="From 1 to 100.", ge=1, le=100, examples=[50])]


class Pagination(TypedDict):
    """Where this page is."""

    page: Annotated[int, Meta(examples=[1])]
    limit: Annotated[int, Meta(examples=[50])]
    total: Annotated[int, Meta(description="How many there are in all.", examples=[1])]
    pages: Annotated[int, Meta(examples=[1])]
    has_more: bool
