"""DRF glue: JSON by msgspec, typed input, one shape of errors."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, TypeVar

import msgspec
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from stoory.errors import DomainError, InvalidPayload, NotFound, PayloadTooLarge

logger = logging.getLogger(__name__)

STATUS_OF = {
    "not_authenticated": 401,
    "invalid_token": 401,
    "token_expired": 401,
    "forbidden": 403,
    "not_found": 404,
    "unknown_event": 404,
    "automated_mode": 409,
    "conversation_closed": 409,
    "nonce_reused": 422,  # draft-ietf-httpapi-idempotency-key-header, 2.7
    "stale_action": 409,
    "not_available": 409,
    "flow_ended": 409,
    "flow_paused": 409,
    "wrong_role": 403,
    "unknown_action": 404,
    "expired": 410,
    "payload_too_large": 413,
    "invalid_input": 422,
    "invalid_flow": 422,
    "migration_refused": 409,
    "rate_limited": 429,
    "internal": 500,
    "busy": 503,
}
"""HTTP status by error code; 400 for the rest."""

WHOLE_NUMBER = re.compile(r"-?[0-9]{1,30}")

Input = TypeVar("Input", bound=msgspec.Struct)


class JsonRenderer(BaseRenderer):
    """JSON as msgspec writes it; the browsable API asks for it with an indentation."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        written = msgspec.json.encode(data, enc_hook=str)
        indent = renderer_context.get("indent") if renderer_context else None
        return msgspec.json.format(written, indent=indent) if indent else written


class JsonParser(BaseParser):
    """Strict JSON: no NaN, no lone surrogates, valid UTF-8."""

    media_type = "application/json"
    renderer_class = JSONRenderer  # fills the browsable API's form

    def parse(self, stream: IO[bytes], *args: Any, **kwargs: Any) -> Any:
        body = stream.read(settings.MAX_PAYLOAD + 1)
        if len(body) > settings.MAX_PAYLOAD:
            raise PayloadTooLarge
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise exceptions.ParseError(f"JSON parse error: {error}") from error


def parse(kind: type[Input], data: Any) -> Input:
    """Return the request's `data` as a `kind`; raises `InvalidPayload` with the path of the first fault."""
    try:
        return msgspec.convert(data.dict() if hasattr(data, "dict") else data, kind)
    except msgspec.ValidationError as error:
        raise invalid(error) from error


def invalid(error: msgspec.ValidationError) -> InvalidPayload:
    """Return msgspec's fault (`Expected …, got … - at `$.path``) as ours."""
    reason, _, path = str(error).partition(" - at `")
    return InvalidPayload(reason, path=path.rstrip("`") or "$")


@contextmanager
def naming(**names: str) -> Iterator[None]:
    """Have a fault of the domain's field named as the request names it: `naming(text="message")`."""
    try:
        yield
    except InvalidPayload as error:
        path = error.details["path"]
        raise InvalidPayload(error.message, path=names.get(path, path)) from error


def idempotency_key(request: Request) -> str | None:
    """Return the request's `Idempotency-Key`, or None."""
    return request.headers.get("Idempotency-Key") or None


def bounded_int(query: Mapping[str, Any], name: str, *, default: int, low: int, high: int) -> int:
    """Return a whole number from the query string, clipped to the bounds; raises `InvalidPayload` for anything else."""
    text = query.get(name)
    if text in (None, ""):
        return default
    if not WHOLE_NUMBER.fullmatch(str(text)):
        raise InvalidPayload("Expected a whole number", path=name)
    return max(low, min(high, int(text)))


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return `{success: false, message, code, errors?}` for what a client may know; None lets the rest be a 500."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, DomainError):
        return _domain_failure(error)
    if isinstance(error, exceptions.APIException):
        return _rest_failure(error)
    logger.exception("Unhandled error in %s", context.get("view"))
    return _failure(status.HTTP_500_INTERNAL_SERVER_ERROR, DomainError().message, "internal")


_TOLD = ("current", "fields", "findings", "problems")
"""Details that an error's body carries: what is there now, and what is wrong with what."""


def _domain_failure(error: DomainError) -> Response:
    errors = None
    if isinstance(error, InvalidPayload):
        errors = {error.details["path"].removeprefix("$.") or "$": [error.message]}
    elif "fields" in error.details:
        errors = {name: [fault] for name, fault in error.details["fields"].items()}
    headers = {"Retry-After": str(error.details["retryAfter"])} if "retryAfter" in error.details else None
    failure = _failure(STATUS_OF.get(error.code, 400), error.message, error.code, errors, headers)
    failure.data |= {name: value for name, value in error.details.items() if name in _TOLD}
    return failure


_CODE_OF_STATUS = {400: "invalid_payload", 401: "not_authenticated", 403: "forbidden", 404: "not_found"}
_OWN_CODES = {"invalid_token", "token_expired", "not_authenticated"}


def _rest_failure(error: exceptions.APIException) -> Response:
    detail = error.detail
    code = _code_of(error)
    challenge = getattr(error, "auth_header", None)
    headers = {"WWW-Authenticate": challenge} if challenge else None
    if isinstance(detail, dict) and "detail" not in detail:
        return _failure(error.status_code, "Invalid payload", str(code), detail, headers)
    message = detail["detail"] if isinstance(detail, dict) else detail
    return _failure(error.status_code, str(message), str(code), None, headers)


def _code_of(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    if isinstance(codes, str) and codes in _OWN_CODES:
        return codes
    if isinstance(codes, dict) and codes.get("code") == "token_not_valid":  # simplejwt's word
        return "invalid_token"
    return _CODE_OF_STATUS.get(error.status_code, "invalid_payload")


def _failure(
    status_code: int, message: str, code: str, errors: Any = None, headers: dict[str, str] | None = None
) -> Response:
    body = {"success": False, "message": message, "code": code}
    return Response(body | ({"errors": errors} if errors else {}), status=status_code, headers=headers)
