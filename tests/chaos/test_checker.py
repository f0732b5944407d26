"""A checker that could not fail would prove nothing: every promise is seen broken once, and kept once."""

from typing import Any

import pytest

from tests.chaos.checker import Violation, answers, check, delays, percentile
from tests.chaos.history import Heard, History, Operation, Row, Stay, Stored

pytestmark = pytest.mark.once


def send(nonce: str, seq: int = 1, **fields: Any) -> Operation:
    known: dict[str, Any] = {"outcome": "ok", "message_id": f"id-{nonce}", "seq": seq, "started": 1.0, "ended": 1.5}
    return Operation(user="alice", conversation="c", nonce=nonce, **known | fields)


def row(nonce: str, seq: int = 1, **fields: Any) -> Row:
    known: dict[str, Any] = {"id": f"id-{nonce}", "conversation": "c", "sender": "alice", "at": 1.2}
    return Row(nonce=nonce, seq=seq, **known | fields)


def heard(seq: int, user: str = "bob", nonce: str | None = None, **fields: Any) -> Heard:
    known: dict[str, Any] = {"connection": 1, "conversation": "c", "name": "chat:new", "at": 1.3}
    return Heard(user=user, seq=seq, message_id=f"id-{nonce}" if nonce else None, **known | fields)


def bob_hears(*events: Heard) -> History:
    return History(
        stays=[Stay(user="bob", conversation="c")], operations=[send("a", 1), send("b", 2)], heard=list(events)
    )


def stored(*rows: Row, log: list[int] | None = None) -> Stored:
    return Stored(messages=list(rows), logs={"c": [one.seq for one in rows] if log is None else log})


BOTH = stored(row("a", 1), row("b", 2))
ALL_HEARD = (heard(1, nonce="a"), heard(2, nonce="b"))


def promises(violations: list[Violation]) -> set[str]:
    return {violation.promise for violation in violations}


def test_a_good_history_breaks_none() -> None:
    assert check(bob_hears(*ALL_HEARD), BOTH) == []


def test_hearing_twice_on_two_connections_is_no_fault() -> None:
    history = bob_hears(*ALL_HEARD, heard(1, nonce="a", connection=2), heard(2, nonce="b", connection=2))
    assert check(history, BOTH) == []


@pytest.mark.parametrize(
    ("promise", "history", "database"),
    [
        ("lost", bob_hears(heard(1, nonce="a")), stored(row("a", 1))),
        ("lost", bob_hears(*ALL_HEARD), stored(row("a", 1), row("b", 2, id="another"))),
        ("doubled", bob_hears(*ALL_HEARD), stored(row("a", 1), row("b", 2), row("b", 3, id="again"))),
        ("doubled", bob_hears(*ALL_HEARD), stored(row("a", 1), row("b", 1), log=[1, 2])),
        ("phantom", bob_hears(*ALL_HEARD), stored(row("a", 1), row("b", 2), row("x", 3))),
        ("gap", bob_hears(*ALL_HEARD), stored(row("a", 1), row("b", 2), log=[1, 3])),
        ("gap", bob_hears(*ALL_HEARD), stored(row("a", 1), row("b", 2), log=[1])),
        ("gap", bob_hears(*ALL_HEARD), stored(row("a", 1), row("b", 2), log=[2, 1])),
        ("order", bob_hears(*reversed(ALL_HEARD)), BOTH),
        ("order", bob_hears(*ALL_HEARD, heard(2, nonce="b")), BOTH),
        ("order", bob_hears(*(heard(seq, way="sync") for seq in (2, 1))), BOTH),
        ("order", bob_hears(heard(1, nonce="a"), heard(2, nonce="b"), heard(1, nonce="a", way="join")), BOTH),
        ("convergence", bob_hears(heard(1, nonce="a")), BOTH),
        ("convergence", bob_hears(heard(1, nonce="a"), heard(2, nonce="a")), BOTH),
        ("leak", bob_hears(*ALL_HEARD, heard(1, user="charlie")), BOTH),
    ],
)
def test_it_sees_what_is_broken(promise: str, history: History, database: Stored) -> None:
    assert promise in promises(check(history, database))


def test_it_sees_what_was_refused_and_is_stored() -> None:
    history = bob_hears(*ALL_HEARD)
    history.operations[0].outcome = "fail"
    assert promises(check(history, BOTH)) == {"failed but stored"}


def test_it_sees_what_was_never_answered() -> None:
    history = bob_hears(*ALL_HEARD)
    history.operations[0].outcome = "indeterminate"
    assert promises(check(history, BOTH)) == {"unresolved"}


def test_it_sees_what_was_heard_after_leaving_and_before_coming() -> None:
    history = bob_hears(*ALL_HEARD)
    history.stays = [Stay(user="bob", conversation="c", until=1)]
    assert promises(check(history, BOTH)) == {"leak"}
    history.stays = [Stay(user="bob", conversation="c", after=1)]
    assert promises(check(history, BOTH)) == {"leak"}
    history.heard.pop(0)
    assert check(history, BOTH) == []


def test_it_tells_how_long_answers_and_events_took() -> None:
    history = bob_hears(*ALL_HEARD, heard(2, nonce="b", way="sync", at=9.0))
    assert answers(history) == [0.5, 0.5]
    assert [round(delay, 3) for delay in delays(history, BOTH)] == [0.1, 0.1]
    assert delays(history, BOTH, since=2.0) == []
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 3.0
    assert percentile([], 0.99) == 0.0
