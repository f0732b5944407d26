"""Why a message did not arrive, in a sentence: every answer, without a database."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stoory.backstage.verdicts import Known, Reader, Told, verdict

SENT = datetime(2026, 11, 21, 10, 0, 0, 250_000, UTC)
AT = SENT.timestamp()
TOLD = Told(seq=12, sender_id="alice", visible_to=None, sent_at=SENT)
NOBODY = Known([], [], [])


def bob(**changes: Any) -> Reader:
    values: dict[str, Any] = {"user_id": "bob", "name": "bob", "role": "influencer", "joined_seq": 0}
    return Reader(**{**values, "last_read_seq": 0, "read_at": None, "last_seen": None, **changes})


def record(*emits: tuple[str, list[tuple[str, str]]], at: float = AT + 0.004) -> dict[str, Any]:
    return {
        "delivered_at": at,
        "emits": [{"event": name, "count": len(sockets), "sockets": sockets} for name, sockets in emits],
    }


def socket(since: float, *, joined: bool = True, muted: list[str] | None = None) -> dict[str, Any]:
    return {"user_id": "bob", "since": since, "joined": joined, "muted": muted or []}


def end(since: float, at: float, reason: str = "transport close") -> dict[str, Any]:
    return {"user_id": "bob", "since": since, "at": at, "reason": reason}


DELIVERED = record(("chat:new", [("bob", "s1"), ("alice", "s9")]), ("new_message", [("bob", "s2")]))
LISTED = record(("conversation_list_updated", [("bob", "s1")]))
ELSEWHERE = record(("chat:new", [("alice", "s9")]))


@pytest.mark.parametrize(
    ("reader", "told", "known", "said"),
    [
        (bob(), TOLD._replace(visible_to="brand_owner"), NOBODY, "is not told: the message is for the brand_owner"),
        (bob(joined_seq=12), TOLD, NOBODY, "joined after it, at #12"),
        (bob(user_id="alice"), TOLD, NOBODY, "wrote it."),
        (bob(read_at=SENT), TOLD, NOBODY, "read it at 2026-11-21 10:00:00.250 UTC."),
        (bob(last_read_seq=20), TOLD, NOBODY, "has read up to #20"),
        (
            bob(),
            TOLD,
            Known([DELIVERED], [], []),
            "Delivered to 2 sockets at 2026-11-21 10:00:00.254 UTC as chat:new, new_message.",
        ),
        (bob(), TOLD, Known([LISTED], [socket(AT - 9, joined=False)], []), "no socket of theirs had joined this one"),
        (bob(), TOLD, Known([LISTED], [socket(AT - 9)], []), "One has joined since, and finds it in the history."),
        (
            bob(),
            TOLD,
            Known([DELIVERED], [], [end(AT - 60, AT + 5, "slow_consumer")]),
            "One of them did not read and was closed at 2026-11-21 10:00:05.250 UTC.",
        ),
        (bob(), TOLD, Known([ELSEWHERE], [socket(AT - 9, joined=False)], []), "has not joined the conversation"),
        (bob(), TOLD, Known([ELSEWHERE], [socket(AT - 9, muted=["feed"])], []), "muted"),
        (bob(), TOLD, Known([ELSEWHERE], [socket(AT + 9)], []), "one is since 2026-11-21 10:00:09.250 UTC"),
        (
            bob(),
            TOLD,
            Known([ELSEWHERE], [], [end(AT - 9, AT + 9)]),
            "10:00:09.250 UTC, when its connection was lost; ",
        ),
        (
            bob(),
            TOLD,
            Known([ELSEWHERE], [], [end(AT - 9, AT - 5, "client disconnect")]),
            "since 2026-11-21 09:59:55.250",
        ),
        (bob(), TOLD, Known([ELSEWHERE], [], []), "No socket has ever been connected."),
        (bob(last_seen=SENT), TOLD, Known([ELSEWHERE], [], []), "No socket connected since 2026-11-21 10:00:00.250"),
        (bob(), TOLD, NOBODY._replace(since=AT - 60), "No socket has ever been connected."),
        (
            bob(last_seen=SENT),
            TOLD,
            NOBODY._replace(since=AT + 60),
            "The servers do not remember the message any more.",
        ),
        (bob(last_seen=SENT), TOLD, NOBODY, "The servers do not remember the message any more."),
    ],
)
def test_it_says_what_became_of_it(reader: Reader, told: Told, known: Known, said: str) -> None:
    assert said in verdict(reader, told, known)


def test_all_servers_know_together() -> None:
    answers: list[dict[str, Any]] = [
        {"record": None, "sockets": [socket(1)], "ends": [], "reaches_back_to": 5.0},
        {"record": ELSEWHERE, "sockets": [], "ends": [end(1, 2)], "reaches_back_to": 7.0},
    ]
    assert Known.of(answers) == Known([ELSEWHERE], [socket(1)], [end(1, 2)], 7.0)
    assert Known.of([*answers, answers[0] | {"reaches_back_to": None}]).since is None
    assert Known.of([]) == NOBODY
