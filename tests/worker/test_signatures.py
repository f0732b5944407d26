"""Whose an event is: the table of signatures that are taken and of those that are not."""

import hashlib
import hmac

import pytest

from flows.signatures import TOLERANCE_SECONDS, sign, verify
from stoory.errors import DomainError, InvalidToken, NotAuthenticated, TokenExpired

NOW = 1_800_000_000
BODY = b'{"id": "evt-1"}'
OLD, NEW, OTHER = "old " * 8, "new " * 8, "other " * 6
GOOD = sign(BODY, NEW, NOW)
HEX = GOOD.partition("v1=")[2]


def test_it_is_the_hmac_of_time_and_body() -> None:
    digest = hmac.new(NEW.encode(), b"1800000000." + BODY, hashlib.sha256).hexdigest()
    assert sign(BODY, NEW, NOW) == f"t=1800000000,v1={digest}"


@pytest.mark.parametrize(
    "header",
    [
        GOOD,
        sign(BODY, OLD, NOW),
        sign(BODY, NEW, NOW - TOLERANCE_SECONDS),
        sign(BODY, NEW, NOW + TOLERANCE_SECONDS),
        f"t={NOW}, v1={'0' * 64}, v1={HEX}",
        f"v0=anything,v1={HEX},t={NOW}",
    ],
    ids=["newest secret", "former secret", "five minutes old", "five minutes ahead", "one of two", "any order"],
)
def test_it_is_taken(header: str) -> None:
    verify(header, BODY, [NEW, OLD], NOW)


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, NotAuthenticated),
        ("", NotAuthenticated),
        ("nonsense", InvalidToken),
        (f"v1={HEX}", InvalidToken),
        (f"t={NOW}", InvalidToken),
        (f"t={NOW},v1=", InvalidToken),
        (f"t={NOW},v1={HEX[:-1]}", InvalidToken),
        (f"t={NOW},v1={HEX.upper()}", InvalidToken),
        (f"t={NOW},v1=é{HEX[1:]}", InvalidToken),
        (f"t={NOW},t={NOW},v1={HEX}", InvalidToken),
        (f"t={NOW + 1},v1={HEX}", InvalidToken),
        (f"t=0{NOW},v1={HEX}", InvalidToken),
        (f"t=-{NOW},v1={HEX}", InvalidToken),
        (f"t={NOW}.5,v1={HEX}", InvalidToken),
        (f"t=١٢,v1={HEX}", InvalidToken),
        (f"t={'9' * 500},v1={HEX}", InvalidToken),
        (f"t={NOW},{'v1=0,' * 1_000}v1={HEX}", InvalidToken),
        (sign(BODY, OTHER, NOW), InvalidToken),
        (sign(BODY + b" ", NEW, NOW), InvalidToken),
        (sign(BODY, OTHER, NOW - TOLERANCE_SECONDS - 1), InvalidToken),
        (sign(BODY, NEW, NOW - TOLERANCE_SECONDS - 1), TokenExpired),
        (sign(BODY, NEW, NOW + TOLERANCE_SECONDS + 1), TokenExpired),
    ],
)
def test_it_is_refused(header: str | None, error: type[DomainError]) -> None:
    with pytest.raises(error):
        verify(header, BODY, [NEW, OLD], NOW)


def test_without_a_secret_nothing_is_taken() -> None:
    with pytest.raises(InvalidToken):
        verify(GOOD, BODY, [], NOW)
