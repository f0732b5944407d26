"""How often anyone may ask for anything: the generic cell rate algorithm, and whose turn it is kept for.

Of each limit, and of each user and address that it is kept for, one number is remembered: the mark, the moment at which
all that was taken is paid back at the rate. Taking moves it on by one interval; it may be ahead of the present by as
many intervals as the burst is long. Times are whole microseconds.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

from stoory.addresses import neighbourhood
from stoory.errors import RateLimited

SECOND = 1_000_000
UNITS = {"s": SECOND, "min": 60 * SECOND, "h": 3_600 * SECOND}
FORMAT = re.compile(r"([1-9][0-9]{0,5})/(s|min|h)(?: burst ([1-9][0-9]{0,5}))?")


Limit = Literal["send", "join", "read", "typing", "reaction", "action", "history", "connect", "login", "other"]
"""What is limited. Events and routes name theirs; those that ask for the same thing share it."""


class Rate(NamedTuple):
    """One in `interval` for ever; a mark may be `tolerance` ahead of the present, a burst of intervals."""

    interval: int
    tolerance: int

    def times(self, factor: int) -> "Rate":
        """Return the rate, and the burst, of so many together."""
        interval = max(1, self.interval // factor)
        return Rate(interval, self.tolerance // self.interval * factor * interval)


def rate(text: str) -> Rate | None:
    """Return what `10/s burst 20`, `5/min` or `off` says; raises `ValueError`.

    Without a burst it is the number itself.
    """
    if text == "off":
        return None
    read = FORMAT.fullmatch(text)
    if read is None:
        raise ValueError(f"Expected off, or a rate as in 10/s burst 20 or 5/min, got {text!r}")
    count, unit, burst = read.groups()
    interval = UNITS[unit] // int(count)
    return Rate(interval, interval * int(burst or count))


class Claim(NamedTuple):
    """One unit of a rate, of the mark at `key`."""

    key: str
    rate: Rate


class Marks(Protocol):
    """Where marks are kept."""

    def take(self, claims: Sequence[Claim]) -> int:
        """Take all of the claims, or none; return 0, or how many microseconds it is too early."""


def microseconds() -> int:
    """Return the time of a clock that is never set."""
    return time.monotonic_ns() // 1_000


class LocalMarks:
    """Marks in this process's memory, for all of its threads; those that have passed are forgotten."""

    FORGET_FROM = 10_000

    def __init__(self, clock: Callable[[], int] = microseconds) -> None:
        self._clock = clock
        self._marks: dict[str, int] = {}
        self._lock = threading.Lock()
        self._forget_at = self.FORGET_FROM

    def take(self, claims: Sequence[Claim]) -> int:
        with self._lock:
            now, early, moved = self._clock(), 0, []
            for key, (interval, tolerance) in claims:
                mark = max(self._marks.get(key, 0), now) + interval
                early = max(early, mark - now - tolerance)
                moved.append((key, mark))
            if not early:
                self._marks.update(moved)
                if len(self._marks) > self._forget_at:
                    self._forget(now)
            return early

    def _forget(self, now: int) -> None:
        """Drop the marks that are as good as none; done again when there are twice as many as stay."""
        self._marks = {key: mark for key, mark in self._marks.items() if mark > now}
        self._forget_at = max(self.FORGET_FROM, 2 * len(self._marks))

    def __len__(self) -> int:
        return len(self._marks)


class Limiter:
    """The rates in force, each for a user and, `per_address` times as high, for an address."""

    def __init__(self, rates: Mapping[str, Rate | None], marks: Marks, *, per_address: int) -> None:
        self._rates = {
            limit: (f"{limit}:user:", rate, f"{limit}:address:", rate.times(per_address))
            for limit, rate in rates.items()
            if rate is not None
        }
        self.marks = marks
        self.refused = Counter[str]()  # by limit

    def claims(self, limit: Limit, user: str = "", address: str = "") -> list[Claim]:
        """Return what asking once takes from the user and from the address, where they are given."""
        if limit not in self._rates:
            return []
        of_user, rate, of_address, rate_of_address = self._rates[limit]
        claims = []
        if user:
            claims.append(Claim(of_user + user, rate))
        if address:
            claims.append(Claim(of_address + neighbourhood(address), rate_of_address))
        return claims

    def charge(self, limit: Limit, user: str = "", address: str = "") -> None:
        """Count one more; raises `RateLimited`. May wait for marks that are kept elsewhere: not for the event loop."""
        claims = self.claims(limit, user, address)
        if claims:
            self.check(limit, self.marks.take(claims))

    def check(self, limit: Limit, early: int) -> None:
        """Raise `RateLimited` for what came so many microseconds too early."""
        if early:
            self.refused[limit] += 1
            raise RateLimited(early / SECOND)
