"""REST's glue: JSON in and out, numbers from the query string, and one shape for every failure."""

import io
import json
import logging
from typing import Any

import msgspec
import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from stoory import http
from stoory.errors import DomainError, InvalidPayload, PayloadTooLarge


class Slow(DomainError):
    """Slow down"""

    code = "rate_limited"


class Parcel(msgspec.Struct):
    name: str
    weights: list[int] = []


def answered(error: Exception) -> Response:
    response = http.exception_handler(error, {})
    assert response is not None
    return response


# Input


def test_a_body_becomes_what_it_should_be() -> None:
    assert http.parse(Parcel, {"name": "a", "weights": [1], "extra": True}) == Parcel("a", [1])


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"name": 1}, "$.name"),
        ({}, "$"),
        ([], "$"),
        ("x", "$"),
        (None, "$"),
        ({"name": "", "weights": [1, "2"]}, "$.weights[1]"),
    ],
)
def test_a_wrong_type_is_refused_by_its_path(body: Any, path: str) -> None:
    with pytest.raises(InvalidPayload) as caught:
        http.parse(Parcel, body)
    assert caught.value.details == {"path": path}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"nonsense", b'{"a": NaN}', b"[Infinity]", b'["\\ud800"]', b"\xff", b"[1e999]", b"[" * 100_000]
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(exceptions.ParseError, match="JSON parse error"):
        http.JsonParser().parse(io.BytesIO(body))


@pytest.mark.parametrize(
    ("query", "number"),
    [({}, 5), ({"n": ""}, 5), ({"n": "3"}, 3), ({"n": "-1"}, 1), ({"n": "0"}, 1), ({"n": "99"}, 10)],
)
def test_a_number_of_the_query_string_is_clipped_to_its_bounds(query: dict[str, str], number: int) -> None:
    assert http.bounded_int(query, "n", default=5, low=1, high=10) == number


@pytest.mark.parametrize("text", ["x", "1.5", "1e3", "NaN", "--1", "9" * 5_000, "\x00"])
def test_what_is_not_a_whole_number_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(InvalidPayload, match="whole number") as caught:
        http.bounded_int({"n": text}, "n", default=5, low=1, high=10)
    assert caught.value.details == {"path": "n"}


# Output


def test_nothing_is_written_as_nothing() -> None:
    assert http.JsonRenderer().render(None) == b""


def test_what_json_does_not_know_is_written_as_text() -> None:
    rendered = http.JsonRenderer().render({"said": gettext_lazy("yes"), "code": exceptions.ErrorDetail("no", "x")})
    assert json.loads(rendered) == {"said": "yes", "code": "no"}


# Failures


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (InvalidPayload("Too long", path="$.a.b"), 400, {"code": "invalid_payload", "errors": {"a.b": ["Too long"]}}),
        (InvalidPayload("Not so"), 400, {"code": "invalid_payload", "errors": {"$": ["Not so"]}}),
        (PayloadTooLarge(), 413, {"code": "payload_too_large"}),
        (Slow(), 429, {"code": "rate_limited"}),
        (DomainError(), 500, {"code": "internal"}),
        (Http404("a secret"), 404, {"code": "not_found", "message": "Not found"}),
        (PermissionDenied("a secret"), 403, {"code": "forbidden"}),
        (exceptions.NotAuthenticated(), 401, {"code": "not_authenticated"}),
        (exceptions.AuthenticationFailed("Old", "token_expired"), 401, {"code": "token_expired", "message": "Old"}),
        (exceptions.ParseError("Broken"), 400, {"code": "invalid_payload", "message": "Broken"}),
        (exceptions.ValidationError({"a": ["No"]}), 400, {"code": "invalid_payload", "errors": {"a": ["No"]}}),
    ],
)
def test_every_failure_has_one_shape(error: Exception, status: int, body: dict[str, Any]) -> None:
    response = answered(error)
    assert response.status_code == status
    assert response.data == {"success": False, "message": response.data["message"], **body}
    assert response.data["message"]


def test_a_failure_that_passes_says_when_to_come_back() -> None:
    assert answered(Slow(retryAfter=7)).headers["Retry-After"] == "7"
    assert "Retry-After" not in answered(Slow()).headers


def test_a_bug_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = answered(ZeroDivisionError("a secret"))

    assert response.status_code == 500
    assert response.data == {"success": False, "message": "Something went wrong on our side.", "code": "internal"}
    assert "Unhandled error" in caplog.text
