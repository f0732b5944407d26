"""What may be wrong with an installation, and what to do about it. Every check only looks."""

import json
import os
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import django
import redis
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import checks
from django.db import connection

from stoory.accounts import presence
from stoory.jwks import FetchError, fetch
from stoory.realtime.health import missing_migrations
from stoory.shared_limits import OPTIONS

SKEW_SECONDS = 5.0  # by which clocks may differ before something here minds
SLOW_SECONDS = 0.05  # for one question to a database that is near
ANSWER_SECONDS = 5.0
POLLS = 6
CLIENTS = Path("clients/node_modules/socket.io-client")

Verdict = Literal["ok", "warn", "fail"]


class Finding(NamedTuple):
    """How one thing is, and where it is not well what to do."""

    verdict: Verdict
    part: str
    says: str
    remedy: str = ""


Findings = Iterator[Finding]


def examine(url: str | None) -> Findings:
    """Look at everything, the cheap and certain first; with `url` at a running server too."""
    looks: list[tuple[str, Callable[[], Findings]]] = [
        ("environment", environment),
        ("settings", system_checks),
        ("keys", keys),
        ("origins", origins),
        ("database", database),
        ("redis", bus),
        ("servers", servers),
        ("files", files),
    ]
    if url:
        looks.append(("server", lambda: running(url.rstrip("/"))))
    for part, look in looks:
        try:
            yield from look()
        except Exception as error:  # a check that can't be made is a finding too
            yield Finding("fail", part, f"{type(error).__name__}: {_first_line(error)}", "Mend this, and ask again.")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")


def environment() -> Findings:
    """Look at Python, Django and the mode."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("ok", "environment", f"Python {python}, Django {django.get_version()}")
    if settings.DEBUG:
        remedy = "Set SECRET_KEY and ALLOWED_HOSTS before others use it."
        yield Finding("warn", "environment", "DEBUG is on: a developer's server", remedy)
    else:
        yield Finding("ok", "environment", "public" if settings.IS_PUBLIC else "DEBUG is off, for this machine's names")


def system_checks() -> Findings:
    """Say what Django's own checks and ours say, those for a deployment included outside of DEBUG."""
    found = checks.run_checks(include_deployment_checks=settings.IS_PUBLIC)
    for message in found:
        verdict: Verdict = "fail" if message.is_serious() else "warn"
        yield Finding(verdict, "settings", f"{message.msg} ({message.id})", message.hint or "See docs/operations.md.")
    if not found:
        yield Finding("ok", "settings", "no check complains")


def keys() -> Findings:
    """Look at what tokens are signed and verified with."""
    is_own = not settings.JWT_SIGNING_KEY.endswith(settings.SECRET_KEY)
    yield Finding("ok", "keys", f"JWT_SIGNING_KEY is {'set' if is_own else 'derived from SECRET_KEY'}")
    if not settings.JWT_JWKS_URL:
        return
    try:
        count = len(fetch(settings.JWT_JWKS_URL))
        yield Finding("ok", "keys", f"the external issuer has {count} keys")
    except FetchError as error:
        remedy = "Is JWT_JWKS_URL right, and may this machine reach it? Its users can't log in without."
        yield Finding("fail", "keys", f"no keys from {settings.JWT_JWKS_URL}: {error}", remedy)


def origins() -> Findings:
    """Look at who may call."""
    yield Finding("ok", "origins", f"answers to {', '.join(settings.ALLOWED_HOSTS)}")
    if "*" in settings.ALLOWED_HOSTS:
        yield Finding("warn", "origins", "ALLOWED_HOSTS takes any name", "Name the hosts under which clients reach it.")
    for origin in [*settings.CSRF_TRUSTED_ORIGINS, *settings.CORS_ALLOWED_ORIGINS]:
        parts = urlsplit(origin)
        if not parts.scheme or not parts.netloc or parts.path:
            yield Finding("fail", "origins", f"{origin} is no origin", "Write it as https://chat.example.org, no path.")
        elif settings.IS_PUBLIC and parts.scheme != "https":
            yield Finding("warn", "origins", f"{origin} is not https", "A public server's pages are https.")
    if settings.IS_PUBLIC and not settings.CSRF_TRUSTED_ORIGINS:
        remedy = "Set CSRF_TRUSTED_ORIGINS to the address that browsers show."
        yield Finding("warn", "origins", "behind a proxy the admin can't post its forms", remedy)


def database() -> Findings:
    """Look at the database: near, migrated, and with a clock like ours."""
    remedy = "Is it running, and does DATABASE_URL lead to it?"
    try:
        connection.ensure_connection()
    except Exception as error:
        yield Finding("fail", "database", _first_line(error), remedy)
        return
    took = _timed(_ask_database)
    where = f"{connection.display_name}, answers in {1_000 * took:.1f} ms"
    slow = "Put it nearer to the servers: every send asks it."
    yield Finding("warn", "database", where, slow) if took > SLOW_SECONDS else Finding("ok", "database", where)
    if connection.vendor == "sqlite" and not settings.DEBUG:
        yield Finding("warn", "database", "SQLite serves one process", "Set DATABASE_URL to PostgreSQL for more.")
    missing = missing_migrations()
    if missing:
        names = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
        yield Finding("fail", "migrations", f"{len(missing)} are missing: {names}", "Run: python manage.py migrate")
    else:
        yield Finding("ok", "migrations", "all are applied")
    if connection.vendor == "postgresql":
        yield skew("database", _database_time())


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _database_time() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        (seconds,) = cursor.fetchone()
    return float(seconds)


def now() -> float:
    """Return this machine's time, in Unix seconds."""
    return datetime.now(UTC).timestamp()


def skew(part: str, there: float) -> Finding:
    """Compare the Unix time `there` with ours."""
    seconds = there - now()
    said = f"its clock is {abs(seconds):.1f} s {'ahead' if seconds > 0 else 'behind'}"
    if abs(seconds) <= SKEW_SECONDS:
        return Finding("ok", f"{part} clock", said)
    return Finding("warn", f"{part} clock", said, "Have both machines ask a time server (chrony, systemd-timesyncd).")


def bus() -> Findings:
    """Look at Redis."""
    if not settings.REDIS_URL:
        yield Finding("ok", "redis", "none: one server, in memory")
        return
    client = redis.Redis.from_url(settings.REDIS_URL, **OPTIONS)
    try:
        took = _timed(client.ping)
        yield Finding("ok", "redis", f"answers in {1_000 * took:.1f} ms")
        seconds, micro = client.time()
        yield skew("redis", seconds + micro / 1e6)
    except redis.RedisError as error:
        remedy = "Is it running, and does REDIS_URL lead to it? Servers hear of each other late until then."
        yield Finding("fail", "redis", f"{type(error).__name__}: {_first_line(error)}", remedy)
    finally:
        client.close()


def servers() -> Findings:
    """Look at who serves and who works."""
    if os.environ.get("WEB_CONCURRENCY", "1") != "1":
        remedy = "Start a server for each on a port of its own, behind a sticky proxy (deploy/haproxy.cfg)."
        yield Finding("fail", "servers", "WEB_CONCURRENCY: workers of one port share no polling sessions", remedy)
    if not missing_migrations():
        yield from _live_servers()
    if settings.WORKER:
        yield Finding("ok", "workers", "every server works on timers and effects")
    else:
        yield Finding("warn", "workers", "WORKER=0: servers don't", "Keep at least one `manage.py worker` running.")


def _live_servers() -> Findings:
    live = len(presence.alive())
    if live > 1 and not settings.REDIS_URL:
        remedy = "Set REDIS_URL: without it they hear of each other's messages seconds late."
        yield Finding("fail", "servers", f"{live} run on this database without Redis", remedy)
    else:
        yield Finding("ok", "servers", f"{live} run on this database")


def files() -> Findings:
    """Look at what pages need."""
    if finders.find("admin/css/base.css"):
        yield Finding("ok", "files", "static files are there")
    else:
        yield Finding("fail", "files", "static files of the admin are missing", "Install requirements/base.txt anew.")
    if (settings.BASE_DIR / CLIENTS).exists():
        yield Finding("ok", "files", "the playground's client is there")
    elif settings.DEBUG:
        yield Finding("warn", "files", f"no {CLIENTS}: the playground has no client", "Run: npm ci --prefix clients")


# A running server, by its address


def running(url: str) -> Findings:
    """Look at a running server, or what stands in front of several: ready, and sticky for clients that poll."""
    status, body = _fetch(f"{url}/readyz")
    try:
        answer = json.loads(body)
        ill = [f"{name} {how}" for name, how in answer["checks"].items() if how != "ok"]
    except (ValueError, KeyError, TypeError):
        yield Finding("fail", "server", f"{url} is none of ours: status {status}", "Is the address right?")
        return
    if ill:
        remedy = " ".join(answer.get("remedies", {}).values())
        yield Finding("warn" if answer["ready"] else "fail", "server", ", ".join(ill), remedy)
    else:
        yield Finding("ok", "server", f"{url} is ready")
    yield _stickiness(url)


def _stickiness(url: str) -> Finding:
    """Poll one session over connections of its own: a server that does not know it is another one."""
    polling = f"{url}/socket.io/?EIO=4&transport=polling"
    status, body = _fetch(polling)
    if status != 200:
        return Finding("fail", "stickiness", f"no client can poll: status {status}", "Does the proxy pass /socket.io/?")
    sid = json.loads(body[1:])["sid"]
    for _ in range(POLLS):
        status, _ = _fetch(f"{polling}&sid={sid}", body=b"3")
        if status != 200:
            remedy = "Route by session, as deploy/haproxy.cfg does; polling clients lose their session otherwise."
            return Finding("fail", "stickiness", "requests of one session reach different servers", remedy)
    _fetch(f"{polling}&sid={sid}", body=b"1")
    return Finding("ok", "stickiness", "requests of one session reach one server")


def _fetch(url: str, body: bytes | None = None) -> tuple[int, Any]:
    request = urllib.request.Request(url, data=body, headers={"Connection": "close"})
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except HTTPException as error:
        raise OSError(f"{type(error).__name__} from {url}") from error
