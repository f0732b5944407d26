"""Every request has a name, in its answer and in its lines, and is counted by its route."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from messaging import selectors
from stoory import logs, metrics
from stoory.accounts.models import User
from stoory.realtime import views
from stoory.tracking import Requests

Api = Callable[[User | None], APIClient]


@pytest.mark.parametrize("given", ["req-1", "4bf92f3577b34da6a3ce929d0e0e4736", "a.b:c_d"])
def test_a_sane_name_is_kept(db: None, api: Api, given: str) -> None:
    assert api(None).get("/api/", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "a\tb", "<script>", "-x"])
def test_any_other_is_made_anew(db: None, api: Api, given: str) -> None:
    assert UUID(api(None).get("/api/", headers={"X-Request-ID": given})["X-Request-ID"]).version == 7


def test_every_line_of_a_request_has_its_name(
    api: Api, alice: User, direct: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "stoory.tracking"):
        api(alice).get(f"/api/messages/conversations/{direct.pk}/events?secret=1")
    (record,) = (vars(record) for record in caplog.records if record.name == "stoory.tracking")
    assert record["method"] == "GET"
    assert record["status"] == 200
    assert record["user_id"] == alice.pk
    assert "secret" not in record["message"]


def test_lines_below_a_view_say_who_asks_and_what_about(
    api: Api, alice: User, direct: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []

    def replay(*args: Any, **kwargs: Any) -> Any:
        record = logging.LogRecord("stoory.test", logging.INFO, __file__, 1, "Reading", (), None)
        lines.append(logs.formatter("text").format(record))
        return selectors.replay(*args, **kwargs)

    monkeypatch.setattr(views, "replay", replay)
    path = f"/api/messages/conversations/{direct.pk}/events"
    assert api(alice).get(path, headers={"X-Request-ID": "r1"}).status_code == 200
    assert lines[0].endswith(f" Reading request_id=r1 conversation_id={direct.pk} user_id={alice.pk}")


def test_requests_are_counted_by_route(api: Api, alice: User, direct: Conversation) -> None:
    def counted() -> dict[str, Any]:
        found: dict[str, Any] = metrics.snapshot().get("stoory_http_requests", {})
        return found

    before = counted()
    api(alice).get("/api/")
    api(alice).get(f"/api/messages/conversations/{direct.pk}/events")
    api(alice).get("/nowhere/at/all")
    after = counted()
    rise = {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}
    assert rise == {"GET api-root 200": 1, "GET events 200": 1, "GET none 404": 1}


def test_a_method_that_nobody_knows_is_one_of_the_others() -> None:
    requests = Requests()
    for method in ("BREW", "MAKE"):
        requests.note(method, "none", 405, 0.1)
    assert [sample for sample in requests.figures() if sample.name == "stoory_http_requests"] == [
        metrics.Sample("stoory_http_requests", 2, ("other", "none", "405"))
    ]
