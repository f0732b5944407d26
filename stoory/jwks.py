"""The public keys of an external issuer: fetched from one URL, kept, and renewed as the issuer changes them."""

import logging
import math
import threading
from functools import cache
from http.client import HTTPException, HTTPResponse
from time import monotonic
from typing import Any
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request, UnknownHandler

import msgspec
from jwt import PyJWK, PyJWTError

logger = logging.getLogger(__name__)

FETCH_EVERY_SECONDS = 60.0  # at most, whatever keys tokens ask for
RENEW_AFTER_SECONDS = 600.0  # a key that the issuer has withdrawn is trusted no longer than that
KEEP_FOR_SECONDS = 3_600.0  # and while the issuer can't be reached, no longer than that
FETCH_TIMEOUT_SECONDS = 3.0
MAX_BYTES = 256 * 1024

ALGORITHMS = {("RSA", None): "RS256", ("EC", "P-256"): "ES256"}
"""What a key is used with, by its own type and curve: never by what a token says."""


class FetchError(Exception):
    """The issuer's keys could not be had."""


class Keys(msgspec.Struct, frozen=True):
    """What one fetch brought, and when."""

    by_id: dict[str, PyJWK] = {}
    fetched_at: float = -math.inf


class Jwks:
    """The keys behind one URL. Safe to use from many threads, of which one fetches at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys = Keys()
        self._tried_at = -math.inf
        self._fetching = threading.Lock()

    def key(self, kid: str) -> PyJWK | None:
        """Return the key with this id, or None where the issuer has none such or was out of reach for too long."""
        if self._is_due(kid):
            self._renew(kid)
        return self._known(kid)

    def _known(self, kid: str) -> PyJWK | None:
        keys = self._keys
        return keys.by_id.get(kid) if monotonic() - keys.fetched_at < KEEP_FOR_SECONDS else None

    def _is_due(self, kid: str) -> bool:
        now = monotonic()
        if now - self._tried_at < FETCH_EVERY_SECONDS:
            return False
        return self._known(kid) is None or now - self._keys.fetched_at >= RENEW_AFTER_SECONDS

    def _renew(self, kid: str) -> None:
        # Who has a key that will do lets another thread fetch; who has none waits for what it brings.
        if not self._fetching.acquire(blocking=self._known(kid) is None):
            return
        try:
            if self._is_due(kid):
                self._try_to_fetch()
        finally:
            self._fetching.release()

    def _try_to_fetch(self) -> None:
        try:
            self._keys = Keys(fetch(self._url), monotonic())
        except FetchError as error:
            logger.warning("No keys from %s: %s", self._url, error)
        finally:
            self._tried_at = monotonic()


@cache
def keys_at(url: str) -> Jwks:
    """Return the one `Jwks` of a URL."""
    return Jwks(url)


def fetch(url: str) -> dict[str, PyJWK]:
    """Return the keys of use that a URL answers with, by their ids; raises `FetchError`."""
    try:
        found = _signing_keys(_download(url))
    except (OSError, HTTPException, ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise FetchError(f"{type(error).__name__}: {error}") from error
    if not found:
        raise FetchError("none of use in the answer")  # a fault rather than the end of all keys
    return found


def _download(url: str) -> bytes:
    """Return the body of a plain 200; redirections and other schemes than HTTP are not followed."""
    deadline = monotonic() + FETCH_TIMEOUT_SECONDS
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler(), UnknownHandler()):
        opener.add_handler(handler)
    request = Request(url, headers={"Accept": "application/json", "User-Agent": "stoory"})
    with opener.open(request, timeout=FETCH_TIMEOUT_SECONDS) as response:
        if response.status != 200:
            raise FetchError(f"HTTP status {response.status}")
        return _body(response, deadline)


def _body(response: HTTPResponse, deadline: float) -> bytes:
    body = b""
    while chunk := response.read1(MAX_BYTES + 1 - len(body)):
        body += chunk
        if len(body) > MAX_BYTES:
            raise FetchError(f"more than {MAX_BYTES:,} bytes")
        if monotonic() > deadline:  # the socket's own timeout starts anew with every byte
            raise FetchError("too slow")
    return body


class _KeySet(msgspec.Struct):
    keys: list[Any]


class _Key(msgspec.Struct, omit_defaults=True):
    """The public members of a key (RFC 7517, RFC 7518) that count here."""

    kty: str
    kid: str
    use: str | None = None
    alg: str | None = None
    crv: str | None = None
    n: str | None = None
    e: str | None = None
    x: str | None = None
    y: str | None = None


def _signing_keys(body: bytes) -> dict[str, PyJWK]:
    """Return the usable keys by their ids; others are passed over, as RFC 7517 (5) asks."""
    found = {}
    for member in msgspec.json.decode(body, type=_KeySet).keys:
        try:
            given = msgspec.convert(member, _Key)
        except msgspec.ValidationError:
            continue
        key = _signing_key(given)
        if key is not None:
            found[given.kid] = key
    return found


def _signing_key(given: _Key) -> PyJWK | None:
    algorithm = ALGORITHMS.get((given.kty, given.crv))
    if algorithm is None or given.alg not in (None, algorithm) or given.use not in (None, "sig"):
        return None
    try:
        key = PyJWK(msgspec.to_builtins(given), algorithm)
    except PyJWTError:
        return None
    is_weak = key.Algorithm.check_key_length(key.key) is not None
    return None if is_weak else key
