"""Traces by OpenTelemetry, for who has installed and configured it; nothing of it is imported for anybody else.

The parts of a server know nothing of it: what is to be traced is wrapped when the server is put together, so that
without traces not even a question is asked.
"""

import importlib.util
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, Protocol

NAME = "stoory"
WANTED = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")
"""Variables of OpenTelemetry's own, of which one says where traces go."""

Attributes = dict[str, str | int]
Place = Any
"""Where in a trace something happened; another span may point to it."""


class Tracer(Protocol):
    """What this product asks of OpenTelemetry."""

    def span(
        self, name: str, attributes: Attributes, *, parent: str | None = None, links: Sequence[Place] = ()
    ) -> AbstractContextManager[Any]:
        """Time what is done within; `parent` is the `traceparent` that a request came with."""

    def here(self) -> Place:
        """Return the place of the current span."""


@cache
def tracer() -> Tracer | None:
    """Return the tracer, or None where nobody wants traces or `OTEL_SDK_DISABLED` is true."""
    is_off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    is_wanted = any(os.environ.get(name, "none") not in ("", "none") for name in WANTED)
    if is_off or not is_wanted or importlib.util.find_spec("opentelemetry") is None:
        return None
    from stoory.opentelemetry import OpenTelemetry, export

    export()
    return OpenTelemetry()
