"""`doctor`: what is wrong, and what to do about it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from stoory.accounts import presence
from stoory.ids import uuid7
from stoory.management import doctor
from stoory.management.doctor import Finding

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sound(settings: Settings) -> None:
    """Settings of one machine's development, with nothing wrong in them."""
    settings.REDIS_URL = ""
    settings.DEBUG = True


def run(*arguments: str) -> str:
    written = StringIO()
    call_command("doctor", *arguments, stdout=written, stderr=StringIO())
    return written.getvalue()


def of(part: str, verdict: str = "fail", url: str | None = None) -> list[Finding]:
    return [finding for finding in doctor.examine(url) if (finding.part, finding.verdict) == (part, verdict)]


def test_it_looks_at_everything() -> None:
    parts = {finding.part for finding in doctor.examine(None)}
    assert parts >= {"environment", "settings", "keys", "origins", "database", "migrations", "redis", "files"}
    assert not [finding for finding in doctor.examine(None) if finding.verdict == "fail"]


def test_json_is_all_that_it_prints() -> None:
    found = json.loads(run("--json"))
    assert found["ok"] is True
    assert {"verdict", "part", "says", "remedy"} == set(found["findings"][0])


def test_a_fault_is_told_with_its_remedy_and_by_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "missing_migrations", lambda: ["flows.0099_new"])
    written = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=written, stderr=StringIO())
    assert ended.value.code == 1
    assert "fail migrations      1 are missing: flows.0099_new" in written.getvalue()
    assert "→ Run: python manage.py migrate" in written.getvalue()


def test_a_check_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise OSError("no such file\nand more")

    monkeypatch.setattr(doctor, "files", broken)
    assert [finding.says for finding in of("files")] == ["OSError: no such file"]


def test_redis_that_is_not_there(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "REDIS_URL" in of("redis")[0].remedy


@pytest.mark.parametrize(("ahead", "verdict"), [(0.5, "ok"), (-0.5, "ok"), (60, "warn"), (-60, "warn")])
def test_clocks_that_differ(ahead: float, verdict: str) -> None:
    finding = doctor.skew("database", doctor.now() + ahead)
    assert finding.verdict == verdict
    assert ("ahead" if ahead > 0 else "behind") in finding.says


def test_an_origin_is_no_page(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://example.org/app", "example.org", "https://example.org"]
    assert [finding.says for finding in of("origins")] == [
        "https://example.org/app is no origin",
        "example.org is no origin",
    ]


def test_two_servers_need_a_redis() -> None:
    for _ in range(2):
        presence.beat(str(uuid7()))
    assert "REDIS_URL" in of("servers")[0].remedy


def test_workers_of_one_port_share_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    assert "haproxy" in of("servers")[0].remedy


@contextmanager
def standing_in(statuses: list[int], readyz: Any) -> Iterator[str]:
    """Serve in a server's place: a session's requests are answered with `statuses`, one after the other."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/readyz":
                self._say(200, json.dumps(readyz))
            else:
                self._say(200, '0{"sid": "s1"}')

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._say(statuses.pop(0) if statuses else 200, "ok")

        def _say(self, status: int, text: str) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: Any) -> None:
            """Say nothing on stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


READY = {"ready": True, "checks": {"database": "ok"}}


def test_a_proxy_that_sends_one_session_to_many_servers() -> None:
    with standing_in([200, 400], READY) as url:
        assert "haproxy" in of("stickiness", url=url)[0].remedy
    with standing_in([], READY) as url:
        assert of("stickiness", "ok", url=url)


def test_a_server_says_itself_what_is_ill() -> None:
    ill = {"ready": False, "checks": {"bus": "failed"}, "remedies": {"bus": "Look at Redis."}}
    with standing_in([], ill) as url:
        assert of("server", url=url)[0][2:] == ("bus failed", "Look at Redis.")
    with standing_in([], ["something else"]) as url:
        assert "none of ours" in of("server", url=url)[0].says
