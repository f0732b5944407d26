"""`issue_token`: a token for a user, bare or with what its bearer needs to know."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from stoory.accounts.models import User
from stoory.auth import identify
from stoory.errors import TokenExpired

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def run(*arguments: str) -> str:
    written = StringIO()
    call_command("issue_token", *arguments, stdout=written)
    return written.getvalue()


def test_it_prints_the_bare_token(alice: User) -> None:
    written = run("alice")
    assert written.count("\n") == 1
    assert identify(written.strip()).user == alice


def test_it_prints_an_object(alice: User) -> None:
    with time_machine.travel(NOON, tick=False):
        issued = json.loads(run("alice", "--json"))
        assert identify(issued.pop("token")).user == alice
    assert issued == {"user_id": alice.pk, "username": "alice", "expires_at": "2026-01-01T13:00:00Z"}


def test_it_is_valid_for_as_long_as_was_asked(alice: User) -> None:
    with time_machine.travel(NOON, tick=False):
        assert identify(run("alice", "--hours", "2.5").strip()).expires_at == NOON + timedelta(hours=2.5)


def test_it_is_not_valid_at_all_if_that_was_asked(alice: User) -> None:
    with pytest.raises(TokenExpired):
        identify(run("alice", "--hours", "0").strip())


@pytest.mark.parametrize("hours", ["nan", "inf", "-inf", "-1", "1e300", "876001", "an hour"])
def test_a_time_that_makes_no_sense_is_refused(hours: str) -> None:
    with pytest.raises(CommandError, match=f"--hours: takes a number from 0 to 876,000, not '{hours}'"):
        run("alice", f"--hours={hours}")


def test_there_is_no_such_user(db: None) -> None:
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        run("nobody")


def test_a_deactivated_user_gets_none(alice: User, system_user: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    for name in ("alice", "system"):
        with pytest.raises(CommandError, match=f"{name} is deactivated"):
            run(name)
