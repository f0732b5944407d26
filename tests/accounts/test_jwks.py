"""The keys of an external issuer: fetched seldom, kept while it is out of reach, forgotten when they are old."""

import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

import pytest

from stoory import jwks
from stoory.auth import identify
from stoory.errors import InvalidToken
from stoory.jwks import Jwks
from tests.accounts.conftest import Clock
from tests.accounts.issuer import SUBJECT, Issuer, ec_key, hang_up, public_jwk, reply, rsa_key

Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def keys(issuer: Issuer) -> Jwks:
    return Jwks(issuer.url)


def told(*members: Any) -> Answer:
    return lambda request: reply(request, {"keys": list(members)})


# How often it is asked


def test_it_is_asked_once(issuer: Issuer, keys: Jwks) -> None:
    assert all(keys.key(kid) for kid in ("rsa-1", "ec-1", "rsa-1"))
    assert issuer.fetches == 1


def test_it_is_not_asked_before_there_is_a_token(issuer: Issuer, keys: Jwks) -> None:
    assert issuer.fetches == 0


def test_unknown_keys_are_asked_for_once_a_minute(issuer: Issuer, keys: Jwks, clock: Clock) -> None:
    keys.key("rsa-1")
    for minute in range(1, 4):
        assert not any(keys.key(f"unknown-{number}") for number in range(20))
        assert issuer.fetches == minute
        clock.shift(seconds=59)
        assert keys.key("unknown") is None
        assert issuer.fetches == minute
        clock.shift(seconds=1)


def test_it_is_asked_once_a_minute_while_it_is_down(issuer: Issuer, keys: Jwks, clock: Clock) -> None:
    issuer.answer = hang_up
    for minute in range(1, 4):
        assert not any(keys.key("rsa-1") for _ in range(20))
        assert issuer.fetches == minute
        clock.shift(seconds=60)


def test_many_at_once_ask_once(issuer: Issuer, keys: Jwks) -> None:
    def slowly(request: BaseHTTPRequestHandler) -> None:
        time.sleep(0.1)
        issuer.tell_keys(request)

    issuer.answer = slowly
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(keys.key, ["rsa-1", "ec-1"] * 8))
    assert issuer.fetches == 1


def test_who_has_a_key_does_not_wait_for_new_ones(issuer: Issuer, keys: Jwks, clock: Clock) -> None:
    keys.key("rsa-1")
    clock.shift(minutes=11)
    asked, go_on = Event(), Event()

    def wait(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        go_on.wait(2)
        issuer.tell_keys(request)

    issuer.answer = wait
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(keys.key, "rsa-1")
        assert asked.wait(2)
        assert keys.key("rsa-1")
        assert not first.done()
        go_on.set()
    assert issuer.fetches == 2


# Rotation


def test_a_new_key_is_found_when_a_token_names_it(issuer: Issuer, db: None, clock: Clock) -> None:
    identify(issuer.token())
    issuer.keys = {"rsa-2": rsa_key("second"), "ec-2": ec_key("second")}
    clock.shift(seconds=60)
    for kid in issuer.keys:
        assert identify(issuer.token(kid=kid)).user.pk == SUBJECT
    assert issuer.fetches == 2


def test_a_key_that_was_withdrawn_is_worth_nothing_any_more(issuer: Issuer, db: None, clock: Clock) -> None:
    old = issuer.token()
    identify(old)
    issuer.keys = {"rsa-2": rsa_key("second")}
    clock.shift(minutes=10)
    with pytest.raises(InvalidToken):
        identify(old)


def test_another_key_under_the_same_name_takes_its_place(issuer: Issuer, db: None, clock: Clock) -> None:
    old = issuer.token()
    identify(old)
    issuer.keys["rsa-1"] = rsa_key("second")
    clock.shift(minutes=10)
    assert identify(issuer.token()).user.pk == SUBJECT
    with pytest.raises(InvalidToken):
        identify(old)


# Out of reach


def test_known_keys_do_for_an_hour(issuer: Issuer, db: None, clock: Clock) -> None:
    identify(issuer.token())
    issuer.answer = hang_up
    for _ in range(5):
        clock.shift(minutes=11)
        assert identify(issuer.token()).user.pk == SUBJECT
    assert issuer.fetches == 6
    clock.shift(minutes=5)
    with pytest.raises(InvalidToken):
        identify(issuer.token())


def test_it_is_back(issuer: Issuer, keys: Jwks, clock: Clock) -> None:
    issuer.answer = hang_up
    assert keys.key("rsa-1") is None
    issuer.answer = issuer.tell_keys
    clock.shift(seconds=60)
    assert keys.key("rsa-1")


def test_nobody_was_there_for_long(issuer: Issuer, keys: Jwks, clock: Clock) -> None:
    keys.key("rsa-1")
    clock.shift(minutes=600)
    assert keys.key("rsa-1")
    assert issuer.fetches == 2


def drip(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(40):
        request.wfile.write(b" ")
        time.sleep(0.05)


def too_much(request: BaseHTTPRequestHandler) -> None:
    keys = {"keys": [public_jwk(rsa_key("second"), "rsa-2")]}
    reply(request, json.dumps(keys).ljust(jwks.MAX_BYTES + 1).encode())


def never(request: BaseHTTPRequestHandler) -> None:
    time.sleep(1)


def redirect(request: BaseHTTPRequestHandler) -> None:
    reply(request, b"", 302, {"Location": "/elsewhere"})


FAULTS: dict[str, Callable[[BaseHTTPRequestHandler], object]] = {
    "hangs up": hang_up,
    "does not answer": never,
    "answers drop by drop": drip,
    "redirects": redirect,
    "fails": lambda request: reply(request, {"keys": []}, 503),
    "fails with keys": lambda request: reply(request, {"keys": [public_jwk(rsa_key("second"), "rsa-2")]}, 500),
    "speaks another protocol": lambda request: request.wfile.write(b"SSH-2.0\r\n"),
    "sends too much": too_much,
    "breaks off": lambda request: reply(request, b'{"keys": [', headers={"Content-Length": "1000"}),
    "sends no JSON": lambda request: reply(request, b"<html>"),
    "sends no UTF-8": lambda request: reply(request, b'{"keys": ["\xff"]}'),
    "sends depth": lambda request: reply(request, b'{"keys": ' + b"[" * 100_000),
    "sends no object": lambda request: reply(request, ["keys"]),
    "sends no keys": lambda request: reply(request, {}),
    "sends an empty list": told(),
    "sends no list": lambda request: reply(request, {"keys": "rsa-1"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_changes_nothing_and_is_logged(
    issuer: Issuer,
    keys: Jwks,
    clock: Clock,
    name: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jwks, "FETCH_TIMEOUT_SECONDS", 0.2)
    keys.key("rsa-1")
    issuer.answer = FAULTS[name]
    clock.shift(seconds=60)
    started = time.monotonic()
    assert keys.key("rsa-2") is None
    assert time.monotonic() - started < 0.8
    assert keys.key("rsa-1")
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert issuer.paths == ["/keys"] * 2


@pytest.mark.parametrize("url", ["file:///etc/hosts", "ftp://127.0.0.1/keys", "data:,{}", "keys", "http://[", "https:"])
def test_what_is_no_address_has_no_keys(url: str) -> None:
    assert Jwks(url).key("rsa-1") is None


def test_it_is_tried_no_longer_than_three_seconds() -> None:
    assert jwks.FETCH_TIMEOUT_SECONDS == 3


# Which keys count

GOOD = public_jwk(rsa_key("second"), "key")
CURVE = public_jwk(ec_key("second"), "key")
UNUSABLE: dict[str, Any] = {
    "no object": "key",
    "no type": {name: value for name, value in GOOD.items() if name != "kty"},
    "no id": {name: value for name, value in GOOD.items() if name != "kid"},
    "a number as id": GOOD | {"kid": 1},
    "symmetric": {"kty": "oct", "kid": "key", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "alg": "HS256"},
    "to encrypt": GOOD | {"use": "enc"},
    "for another algorithm": GOOD | {"alg": "PS256"},
    "for a symmetric algorithm": GOOD | {"alg": "HS256"},
    "too short": public_jwk(rsa_key("short", 1024), "key"),
    "no modulus": GOOD | {"n": None},
    "no number": GOOD | {"n": "é"},
    "an even exponent": GOOD | {"e": "Ag"},
    "another curve": CURVE | {"crv": "P-384", "alg": "ES384"},
    "another curve's algorithm": CURVE | {"alg": "ES384"},
    "a point off the curve": CURVE | {"x": CURVE["y"]},
    "half a point": CURVE | {"y": None},
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_keys_of_no_use_are_passed_over(issuer: Issuer, keys: Jwks, name: str) -> None:
    issuer.answer = told(UNUSABLE[name], public_jwk(ec_key("first"), "other"))
    assert keys.key("key") is None
    assert keys.key("other")


@pytest.mark.parametrize("given", [GOOD, CURVE])
@pytest.mark.parametrize("absent", [["alg"], ["use"], ["alg", "use"]])
def test_a_key_need_not_say_what_it_is_for(
    issuer: Issuer, keys: Jwks, given: dict[str, Any], absent: list[str]
) -> None:
    issuer.answer = told({name: value for name, value in given.items() if name not in absent} | {"x5t": "extra"})
    key = keys.key("key")
    assert key is not None
    assert key.algorithm_name == given["alg"]


def test_of_a_private_key_only_the_public_part_is_taken(issuer: Issuer, keys: Jwks) -> None:
    issuer.answer = told(GOOD | {"d": "AQAB", "p": "AQAB"})
    key = keys.key("key")
    assert key is not None
    assert key.key == rsa_key("second").public_key()
