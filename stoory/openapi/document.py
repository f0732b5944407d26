"""The OpenAPI document: drf-spectacular finds the routes, `OPERATIONS` say what each method takes and answers."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from stoory.documents.operations import Failure, Operation, Text
from stoory.documents.schemas import Components, Schema, example_of, resolved, schemas_of
from stoory.errors import DomainError
from stoory.http import STATUS_OF
from stoory.openapi.guide import guide
from stoory.openapi.operations import CONVERSATIONS, DETAILS, KEY, MESSAGES, OPERATIONS, PARAMETERS, SIGNED, TAGS
from stoory.webhooks.hooks import Body


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """The schemas of all operations, worked out at once, so that they share their components."""

    bodies: Mapping[str, Schema]
    queries: Mapping[str, Schema]
    answers: Mapping[tuple[str, int], Schema]
    hook: Schema
    components: Components


@lru_cache
def described() -> Described:
    """Return the schemas of all operations."""
    bodies = {name: each.body for name, each in OPERATIONS.items() if each.body is not None}
    queries = {name: each.query for name, each in OPERATIONS.items() if each.query is not None}
    answers = {
        (name, status): shape
        for name, each in OPERATIONS.items()
        for status, shape in each.answers.items()
        if not isinstance(shape, Text)
    }
    schemas, components = schemas_of([*bodies.values(), *queries.values(), *answers.values(), Body, Failure])
    found = iter(schemas)
    told_bodies = {name: resolved(next(found), components) for name in bodies}
    told_queries = {name: resolved(next(found), components) for name in queries}
    told_answers = {name: next(found) for name in answers}
    hook = resolved(next(found), components)
    inlined = [id(schema) for schema in (*told_bodies.values(), *told_queries.values(), hook)]
    shared = {name: schema for name, schema in components.items() if id(schema) not in inlined}
    return Described(bodies=told_bodies, queries=told_queries, answers=told_answers, hook=hook, components=shared)


class Endpoints(EndpointEnumerator):
    """The routes, their paths as they are written without the last slash."""

    def get_path_from_regex(self, path_regex: str) -> str:
        path: str = super().get_path_from_regex(path_regex)  # type: ignore[no-untyped-call]  # so are its parents
        return path.rstrip("/") or "/"


class Generator(SchemaGenerator):
    """drf-spectacular's, with our paths and our components."""

    endpoint_inspector_cls = Endpoints

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        document: dict[str, Any] = super().get_schema(request, public)  # type: ignore[no-untyped-call]
        document["info"]["description"] = guide()
        document["tags"] = [{"name": name, "description": about} for name, about in TAGS.items()]
        document["webhooks"] = {"event": {"post": _hook()}}
        document["components"]["schemas"] = dict(sorted(described().components.items()))
        return document


@lru_cache
def openapi() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return Generator().get_schema(public=True)  # type: ignore[no-untyped-call]  # drf-spectacular's


class OperationSchema(AutoSchema):
    """Says of a method what `OPERATIONS` say; raises `LookupError` where they say nothing."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any] | None:
        name = f"{method} {path}"
        if name not in OPERATIONS:
            raise LookupError(f"Nothing is written about {name}: add it to the operations of its application")
        return dict(_operation(name, OPERATIONS[name]))


def _operation(name: str, operation: Operation) -> Iterator[tuple[str, Any]]:
    method, path = name.split()
    yield "operationId", _id_of(method, path)
    yield "tags", [operation.tag]
    yield "summary", operation.summary
    if operation.about:
        yield "description", operation.about
    parameters = [*_path_parameters(path, operation), *_query_parameters(name), *_headers(operation)]
    if parameters:
        yield "parameters", parameters
    if operation.body is not None:
        yield "requestBody", _body(name, operation)
    yield "security", [{}] if operation.public else [{"token": []}]
    yield "responses", dict(_responses(name, operation))


def _id_of(method: str, path: str) -> str:
    words = [word for word in path.replace("{", "").replace("}", "").replace(".", "/").split("/") if word != "api"]
    return "_".join([method.lower(), *(word.replace("-", "_") for word in words if word)])


def _path_parameters(path: str, operation: Operation) -> Iterator[dict[str, Any]]:
    for name in (step.strip("{}") for step in path.split("/") if step.startswith("{")):
        about, kind, example = PARAMETERS[name]
        told = {
            "name": name,
            "in": "path",
            "required": True,
            "description": about,
            "schema": {"type": kind} | ({"minimum": 0} if kind == "integer" else {}),
            "example": example,
        }
        if name == "conversation_id":
            told["example"] = CONVERSATIONS.get(operation.tag, example)
        yield told


def _query_parameters(name: str) -> Iterator[dict[str, Any]]:
    for parameter, schema in described().queries.get(name, {}).get("properties", {}).items():
        told = {key: value for key, value in schema.items() if key != "description"}
        yield {"name": parameter, "in": "query", "description": schema.get("description", ""), "schema": told}


def _headers(operation: Operation) -> Iterator[dict[str, Any]]:
    if operation.takes_idempotency_key:
        yield KEY
    for header, about in operation.headers.items():
        yield {"name": header, "in": "header", "description": about, "schema": {"type": "string"}}


def _body(name: str, operation: Operation) -> dict[str, Any]:
    content = {"application/json": {"schema": described().bodies[name], **_examples(name, operation)}}
    return {"required": not operation.is_body_optional, "content": content}


def _examples(name: str, operation: Operation) -> dict[str, Any]:
    if operation.examples:
        return {"examples": {title: {"value": example} for title, example in operation.examples.items()}}
    example = operation.example
    made = example_of(described().bodies[name], described().components) if example is None else example
    return {"example": made}


def _responses(name: str, operation: Operation) -> Iterator[tuple[str, Any]]:
    for status, shape in operation.answers.items():
        if isinstance(shape, Text):
            yield str(status), {"description": "Done", "content": {shape.media_type: {"schema": {"type": "string"}}}}
        else:
            schema = described().answers[name, status]
            example = example_of(schema, described().components)
            about = resolved(schema, described().components).get("description", "Done")
            yield (
                str(status),
                {"description": about, "content": {"application/json": {"schema": schema, "example": example}}},
            )
    refused: dict[int, list[str]] = {}
    for code in dict.fromkeys((*operation.errors, *_usual(operation))):
        refused.setdefault(STATUS_OF.get(code, 400), []).append(code)
    for status, codes in sorted(refused.items()):
        if status not in operation.answers:
            yield str(status), _refusal(codes)
    yield "default", {"description": "Any other fault has the same shape.", "content": _failing("internal")}


def _usual(operation: Operation) -> Iterator[str]:
    """Return the codes that every operation of its kind refuses by."""
    if not operation.public:
        yield from ("not_authenticated", "invalid_token", "token_expired")
    if operation.body is not None or operation.query is not None:
        yield "invalid_payload"
    if operation.body is not None:
        yield from ("forbidden", "payload_too_large")
    yield "rate_limited"


def _hook() -> dict[str, Any]:
    """Return what is posted to integrators, as a request that they answer."""
    hook = described().hook
    content = {"application/json": {"schema": hook, "example": example_of(hook, described().components)}}
    signed = [
        {"name": name, "in": "header", "required": True, "description": about, "schema": {"type": "string"}}
        for name, about in SIGNED.items()
    ]
    return {
        "operationId": "hook",
        "tags": ["Webhooks"],
        "summary": "What your webhooks are posted",
        "parameters": signed,
        "requestBody": {"required": True, "content": content},
        "responses": {"2XX": {"description": "Taken. After any other answer it is posted again."}},
    }


def _refusal(codes: Sequence[str]) -> dict[str, Any]:
    told = " or ".join(f"`{code}`" for code in codes)
    return {"description": told, "content": _failing(codes[0]), "x-codes": list(codes)}


def _said(code: str) -> str:
    """Return what an error says if nothing else is said."""
    return next(error().message for error in _errors(DomainError) if error.code == code)


def _errors(error: type[DomainError]) -> Iterator[type[DomainError]]:
    for each in error.__subclasses__():
        yield each
        yield from _errors(each)


def _failing(code: str) -> dict[str, Any]:
    example = {"success": False, "message": MESSAGES.get(code) or _said(code), "code": code, **DETAILS.get(code, {})}
    return {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}, "example": example}}
