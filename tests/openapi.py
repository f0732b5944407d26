"""The OpenAPI document as a judge of answers: closed, so that a key that nothing is written about is a fault too."""

import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from stoory.openapi.document import openapi
from tests.contracts.schemas import closed

COMPONENTS = closed(openapi()["components"]["schemas"])
DOCUMENTED = re.compile(r"/(api|test-message)(/|$)")
ANYWHERE = {404, 405, 406, 413, 415, 429, 500}
"""What a path or a method that is not there, a body that is no JSON, and a fault of ours are answered by."""


class JudgedClient(APIClient):
    """Asks like any client, and fails where an answer is not as the OpenAPI document says."""

    def generic(self, method: str, path: str, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        response = super().generic(method, path, *args, **kwargs)
        if response["Content-Type"] == "application/json" and DOCUMENTED.match(path):
            assert answer_faults(method, path, response.status_code, response.json()) == [], f"{method} {path}"
        return response


def answer_faults(method: str, path: str, status: int, body: Any) -> list[str]:
    """Return what of an answer is not as the document says."""
    known = path_of(path.partition("?")[0])
    operation = openapi()["paths"].get(known, {}).get(method.lower())
    if operation is None:
        return [] if status in ANYWHERE or method == "OPTIONS" else [f"{method} {path} is not told"]
    told = str(status) if str(status) in operation["responses"] or status not in ANYWHERE else "default"
    return [f"{error.json_path}: {error.message}" for error in _judge(known, method.lower(), told).iter_errors(body)]


@cache
def path_of(path: str) -> str | None:
    """Return a path as the document has it: with names for what differs."""
    steps = path.strip("/").split("/")
    found = [known for known in openapi()["paths"] if _is_like(known.strip("/").split("/"), steps)]
    return min(found, key=lambda each: each.count("{"), default=None)


@cache
def _judge(path: str, method: str, status: str) -> Draft202012Validator:
    told = openapi()["paths"][path][method]["responses"]
    assert status in told, f"{method} {path} does not tell of {status}, but of {list(told)}"
    schema = told[status]["content"]["application/json"]["schema"]
    return Draft202012Validator({**closed(schema), "components": {"schemas": COMPONENTS}})


def _is_like(known: list[str], steps: list[str]) -> bool:
    return len(known) == len(steps) and all(
        each.startswith("{") or each == step for each, step in zip(known, steps, strict=True)
    )
