"""OpenTelemetry's interfaces behind ours. Imported where it is installed and wanted, see `stoory.tracing`."""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Link, SpanContext, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from stoory.tracing import NAME, Attributes

logger = logging.getLogger(__name__)

PACKAGES = "opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http"

_propagator = TraceContextTextMapPropagator()


class OpenTelemetry:
    """Spans by whichever provider is set."""

    @contextmanager
    def span(
        self, name: str, attributes: Attributes, *, parent: str | None = None, links: Sequence[SpanContext] = ()
    ) -> Iterator[trace.Span]:
        """Time what is done within; an exception is noted and goes on."""
        context = _propagator.extract({"traceparent": parent}) if parent else None
        with trace.get_tracer(NAME).start_as_current_span(
            name,
            context=context,
            kind=SpanKind.SERVER if parent is not None else SpanKind.INTERNAL,
            attributes=attributes,
            links=[Link(place) for place in links],
        ) as span:
            yield span

    def here(self) -> SpanContext:
        """Return the place of the current span."""
        return trace.get_current_span().get_span_context()


def export() -> None:
    """Send spans where `OTEL_EXPORTER_OTLP_ENDPOINT` says, unless a program around this one has set a provider."""
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        try:
            _export_by_http()
        except ImportError as error:
            logger.warning("No traces: install %s (%s)", PACKAGES, error)


def _export_by_http() -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", NAME)}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
