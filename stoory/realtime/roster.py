"""Which conversations the users of this server's sockets take part in, and in which role."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

REMOVALS_REMEMBERED = 10_000

NOBODY: Mapping[str, "Member"] = {}


class Member(NamedTuple):
    """What a participant is, and the `acl_version` of the conversation when they were found to be that."""

    role: str
    acl_version: int


_member = lru_cache(maxsize=1_024)(Member)  # hundreds of thousands are alike


class Roster:
    """An index both ways: conversation → its users here, user → their conversations.

    Who takes part is learnt from reads of the database and from the log, and a read may be overtaken by the log: who
    was removed at one `acl_version` is not taken back by what was read at an older one.
    """

    def __init__(self) -> None:
        self._members: dict[str, dict[str, Member]] = {}
        self._conversations: dict[str, set[str]] = {}
        self._removed: OrderedDict[tuple[str, str], int] = OrderedDict()

    def __contains__(self, conversation_id: str) -> bool:
        return conversation_id in self._members

    def add(self, conversation_id: str, user_id: str, role: str, acl_version: int) -> bool:
        """Note that a user who is here takes part in a conversation; return False where that is out of date."""
        if user_id not in self._conversations:
            return False
        if not self.is_current(conversation_id, user_id, acl_version):
            return False
        members = self._members.setdefault(conversation_id, {})
        if user_id not in members or members[user_id].acl_version <= acl_version:
            members[user_id] = _member(role, acl_version)
            self._conversations[user_id].add(conversation_id)
        return True

    def is_current(self, conversation_id: str, user_id: str, acl_version: int) -> bool:
        """Return whether a user who took part at `acl_version` has not been seen removed since."""
        return acl_version >= self._removed.get((conversation_id, user_id), 0)

    def remove(self, conversation_id: str, user_id: str, acl_version: int) -> bool:
        """Note that a user was taken out of a conversation; return whether that was news here.

        It is none where they were found to take part at that version, or at a later one: they have come back since.
        """
        members = self._members.get(conversation_id)
        if members is None:
            return False
        if user_id in members and members[user_id].acl_version >= acl_version:
            return False
        self._remember_removal(conversation_id, user_id, acl_version)
        if members.pop(user_id, None) is None:
            return False
        self._conversations[user_id].discard(conversation_id)
        self._drop_if_empty(conversation_id)
        return True

    def arrive(self, user_id: str) -> None:
        """Note that a user is here, in however many conversations."""
        self._conversations.setdefault(user_id, set())

    def depart(self, user_id: str) -> list[str]:
        """Forget a user whose last socket has gone; return the conversations that nobody here takes part in now."""
        abandoned = []
        for conversation_id in self._conversations.pop(user_id, ()):
            del self._members[conversation_id][user_id]
            if self._drop_if_empty(conversation_id):
                abandoned.append(conversation_id)
        return abandoned

    def _drop_if_empty(self, conversation_id: str) -> bool:
        if self._members[conversation_id]:
            return False
        del self._members[conversation_id]
        return True

    def _remember_removal(self, conversation_id: str, user_id: str, acl_version: int) -> None:
        """Keep the newest removals, also where nobody here is left: what tells of before may come late."""
        self._removed.pop((conversation_id, user_id), None)
        self._removed[conversation_id, user_id] = acl_version
        if len(self._removed) > REMOVALS_REMEMBERED:
            self._removed.popitem(last=False)  # which needs no search for the first, as in a dict there would be

    def users(self) -> Iterable[str]:
        """Return the users who are here."""
        return self._conversations.keys()

    def is_here(self, user_id: str) -> bool:
        """Return whether the user has a socket here."""
        return user_id in self._conversations

    def members(self, conversation_id: str) -> Mapping[str, Member]:
        """Return the users of this server in a conversation, with what they are in it."""
        return self._members.get(conversation_id, NOBODY)

    def addressed(self, conversation_id: str, *, role: str | None = None, but_user: str | None = None) -> Iterator[str]:
        """Return the users of this server in a conversation, or those in one role; not `but_user`."""
        for user_id, member in self.members(conversation_id).items():
            if user_id != but_user and role in (None, member.role):
                yield user_id

    def peers(self, user_id: str, conversation_ids: Iterable[str]) -> Iterable[str]:
        """Return the users of this server, but this one, who take part in any of the conversations; each once."""
        found = dict.fromkeys(peer for conversation in conversation_ids for peer in self.members(conversation))
        found.pop(user_id, None)
        return found

    def role(self, conversation_id: str, user_id: str) -> str | None:
        """Return a user's role in a conversation, or None where this server knows of none."""
        member = self.members(conversation_id).get(user_id)
        return member.role if member else None
