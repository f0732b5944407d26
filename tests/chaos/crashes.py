"""Points at which a server dies as if killed: `CRASH_AT=after_commit:0.01`, each time with that chance.

They are put around the product's own functions when a server of the tests starts; the product knows nothing of them.
"""

import functools
import os
import random
from collections.abc import Callable
from typing import Any

from stoory.realtime.bus import Bus
from stoory.realtime.lane import Lane
from stoory.realtime.relay import Relay
from stoory.realtime.senders import OrmSender
from stoory.realtime.statements import StatementSender
from tests.chaos.chances import chances

STATUS = 137  # as a shell tells of SIGKILL
POINTS = ("before_commit", "after_commit", "before_ack", "after_ack", "before_publish", "mid_fanout", "in_repair")

Reach = Callable[[str], None]


def install(crash_at: str, seed: str | None) -> None:
    """Have this process die at the points that `crash_at` names."""
    wanted = chances(crash_at, POINTS)
    dice = random.Random(seed)

    def reach(point: str) -> None:
        if dice.random() < wanted.get(point, 0):
            os.write(2, f"crashed at {point}\n".encode())
            os._exit(STATUS)

    for kind in (OrmSender, StatementSender):
        _around_commit(kind, reach)
    _around_answers(reach)
    _before_publishing(reach)
    _before(Relay, "_emit", "mid_fanout", reach)
    _before(Relay, "_fill", "in_repair", reach)


def _around_commit(kind: Any, reach: Reach) -> None:
    send = kind.send

    @functools.wraps(send)
    async def crashing(self: Any, commands: Any) -> Any:
        reach("before_commit")
        outcomes = await send(self, commands)
        reach("after_commit")
        return outcomes

    kind.send = crashing


def _around_answers(reach: Reach) -> None:
    submit: Any = Lane.submit

    @functools.wraps(submit)
    def crashing(self: Lane, command: Any, done: Any) -> None:
        def answer(outcome: Any) -> None:
            reach("before_ack")
            done(outcome)
            reach("after_ack")

        submit(self, command, answer)

    setattr(Lane, "submit", crashing)  # noqa: B010  # mypy forbids to assign a method


def _before_publishing(reach: Reach) -> None:
    publish: Any = Bus.publish

    @functools.wraps(publish)
    def crashing(self: Bus, events: Any) -> None:
        if events:  # an empty batch is the heartbeat
            reach("before_publish")
        publish(self, events)

    setattr(Bus, "publish", crashing)  # noqa: B010


def _before(kind: Any, name: str, point: str, reach: Reach) -> None:
    method = getattr(kind, name)

    @functools.wraps(method)
    def crashing(*args: Any, **options: Any) -> Any:
        reach(point)
        return method(*args, **options)

    setattr(kind, name, crashing)
