"""What a check found: where, how bad, in a sentence."""

from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Finding(NamedTuple):
    """A fault of a definition. Errors forbid to publish it."""

    path: str
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.path}: {self.message}"


def error(path: str, message: str) -> Finding:
    return Finding(path, "error", message)


def warning(path: str, message: str) -> Finding:
    return Finding(path, "warning", message)
