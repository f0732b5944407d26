"""What this server knows of each connected socket."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from stoory.realtime.connection import Connection
from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.timetable import Deadline

Rooms = tuple[str, ...]

CONTRACT_NAMES = frozenset(contract.name for contract in CONTRACTS)


class Session:
    """One Socket.IO connection: who it speaks for, which wires it listens to, which conversations it joined."""

    __slots__ = (
        "asked",
        "connection",
        "contracts",
        "family",
        "heeds",
        "is_gone",
        "joined",
        "muted",
        "namespace",
        "sid",
        "since",
        "speaks",
        "timers",
        "token_version",
        "user_id",
    )

    def __init__(self, sid: str, connection: Connection, namespace: str) -> None:
        self.sid = sid
        self.connection = connection
        self.namespace = namespace
        self.since = time.time()
        self.user_id = ""
        self.token_version = 0
        self.is_gone = False
        self.asked = 0  # events under way that are not answered
        self.contracts: frozenset[str] | None = None
        self.heeds: frozenset[str] = frozenset()
        self.muted: frozenset[str] = frozenset()
        self.family = ""  # the contract that claimed the handshake
        self.speaks = ""  # the family last heard of that only one contract can mean
        self.joined: dict[tuple[str, str], Rooms] = {}
        self.timers: tuple[Deadline, ...] = ()

    @property
    def is_authenticated(self) -> bool:
        """Whether the socket has said who it is."""
        return bool(self.user_id)

    def listens_to(self, *contracts: str) -> bool:
        """Whether user-level events of one of the contracts are wanted here.

        They are, unless the handshake named others, or the socket has left the user's room in the contract's way.
        """
        if not self.muted:
            return self.contracts is None or not self.contracts.isdisjoint(contracts)
        wanted = contracts if self.contracts is None else self.contracts.intersection(contracts)
        return not self.muted.issuperset(wanted)

    def narrow(self, hint: Any) -> None:
        """Take the handshake's `auth.contracts`, a list of names; anything else means all."""
        if isinstance(hint, list):
            self.contracts = frozenset(name for name in hint if isinstance(name, str))

    def keep_timers(self, *timers: Deadline) -> None:
        """Replace the timers that guard this session (deadline, expiry) by these."""
        for timer in self.timers:
            timer.cancel()
        self.timers = timers


class Sessions:
    """The identified sessions of this server, by user, and how many of them heed each contract."""

    def __init__(self) -> None:
        self._by_user: dict[str, dict[str, Session]] = {}
        self._heeding = Counter[str]()

    def identify(self, session: Session, user_id: str) -> None:
        """Note whose session it is."""
        session.user_id = user_id
        self._by_user.setdefault(user_id, {})[session.sid] = session
        self.heed(session, CONTRACT_NAMES if session.contracts is None else session.contracts & CONTRACT_NAMES)

    def heed(self, session: Session, contracts: Iterable[str]) -> None:
        """Note that a session may hear what these contracts tell, of its user or in a room that it has joined."""
        new = frozenset(contracts) - session.heeds
        if new:
            session.heeds |= new
            self._heeding.update(new)

    def are_heeded(self, contracts: Iterable[str]) -> bool:
        """Return whether anybody here may hear what one of these contracts tells."""
        return any(self._heeding[name] for name in contracts)

    def remove(self, session: Session) -> bool:
        """Forget a session; return whether it was its user's last one here."""
        session.is_gone = True
        session.keep_timers()
        self._heeding.subtract(session.heeds)
        session.heeds = frozenset()
        mine = self._by_user.get(session.user_id)
        if mine is None or mine.pop(session.sid, None) is None or mine:
            return False
        del self._by_user[session.user_id]
        return True

    def __iter__(self) -> Iterator[Session]:
        return (session for mine in self._by_user.values() for session in mine.values())

    def of_user(self, user_id: str) -> Iterator[Session]:
        """Return the user's sessions."""
        return iter(self._by_user.get(user_id, {}).values())
