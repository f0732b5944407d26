"""Traces: from the event of a socket to its commit and its delivery, by OpenTelemetry's own SDK."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from conversations.models import Conversation
from stoory import opentelemetry, tracing
from stoory.accounts.models import User
from stoory.opentelemetry import OpenTelemetry
from stoory.realtime.application import Application
from stoory.realtime.spans import TracedNode, traced_http
from tests.realtime.conftest import DJANGO, Open

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What is exported."""
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield kept
    provider.shutdown()


@pytest.fixture
async def server(transactional_db: None, exporter: InMemorySpanExporter) -> AsyncIterator[Application]:
    """A server that is traced."""
    application = Application(TracedNode(OpenTelemetry()), DJANGO)
    await application.node.start()
    yield application
    await application.node.stop()


def named(exporter: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.name == name]


async def test_a_send_can_be_followed_to_its_delivery(
    exporter: InMemorySpanExporter, connect: Open, alice: User, direct: Conversation
) -> None:
    socket = await connect(alice, direct)
    assert (await socket.emit("chat:send", {"conversationId": str(direct.pk), "text": "Hi", "tempId": "1"}))["ok"]
    await socket.fence()

    (asked,), (commit,) = named(exporter, "event chat:send"), named(exporter, "commit")
    assert asked.context is not None
    assert [link.context.span_id for link in commit.links] == [asked.context.span_id]
    about = {"stoory.conversation_id": str(direct.pk), "stoory.seq": 1, "stoory.kind": "MessageSent"}
    for name in ("deliver", "publish"):
        assert sum(dict(span.attributes or {}) == about for span in named(exporter, name)) == 1
    assert dict(asked.attributes or {})["stoory.user_id"] == alice.pk


async def test_a_request_goes_on_with_the_trace_it_came_in(exporter: InMemorySpanExporter) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        """Answer nothing."""

    scope = {"method": "GET", "path": "/api/", "headers": [(b"traceparent", PARENT.encode())]}
    await traced_http(application, OpenTelemetry())(scope, None, None)
    await traced_http(application, OpenTelemetry())(scope | {"headers": []}, None, None)
    within, alone = named(exporter, "http GET")
    assert within.context is not None
    assert f"{within.context.trace_id:032x}" == PARENT.split("-")[1]
    assert alone.parent is None


@pytest.mark.parametrize(
    ("environment", "is_wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_traces_are_made_where_they_are_wanted(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], is_wanted: bool
) -> None:
    monkeypatch.setattr(opentelemetry, "export", lambda: None)
    for name in (*tracing.WANTED, "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert (tracing.tracer.__wrapped__() is not None) == is_wanted


def test_without_an_exporter_the_server_starts_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    opentelemetry.export()
    assert "install opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http" in caplog.text
