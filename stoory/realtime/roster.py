"""Which conversations the users of this server's sockets take part in, and in which role."""

from collections.abc import Iterable, Iterator, Mapping


class Roster:
    """An index both ways: conversation → its users here, user → their conversations."""

    def __init__(self) -> None:
        self._members: dict[str, dict[str, str]] = {}
        self._conversations: dict[str, set[str]] = {}

    def __contains__(self, conversation_id: str) -> bool:
        return conversation_id in self._members

    def add(self, conversation_id: str, user_id: str, role: str) -> None:
        """Note that a user of this server takes part in a conversation."""
        self._members.setdefault(conversation_id, {})[user_id] = role
        self._conversations.setdefault(user_id, set()).add(conversation_id)

    def arrive(self, user_id: str) -> None:
        """Note that a user is here, in however many conversations."""
        self._conversations.setdefault(user_id, set())

    def depart(self, user_id: str) -> list[str]:
        """Forget a user whose last socket has gone; return the conversations that nobody here takes part in now."""
        abandoned = []
        for conversation_id in self._conversations.pop(user_id, ()):
            members = self._members[conversation_id]
            del members[user_id]
            if not members:
                del self._members[conversation_id]
                abandoned.append(conversation_id)
        return abandoned

    def users(self) -> Iterable[str]:
        """Return the users who are here."""
        return self._conversations.keys()

    def is_here(self, user_id: str) -> bool:
        """Return whether the user has a socket here."""
        return user_id in self._conversations

    def members(self, conversation_id: str) -> Mapping[str, str]:
        """Return the users of this server in a conversation, with their roles."""
        return self._members.get(conversation_id, {})

    def addressed(self, conversation_id: str, *, role: str | None = None, but_user: str | None = None) -> Iterator[str]:
        """Return the users of this server in a conversation, or those in one role; not `but_user`."""
        for user_id, its_role in self.members(conversation_id).items():
            if user_id != but_user and role in (None, its_role):
                yield user_id

    def peers(self, user_id: str, conversation_ids: Iterable[str]) -> Iterable[str]:
        """Return the users of this server, but this one, who take part in any of the conversations; each once."""
        found = dict.fromkeys(peer for conversation in conversation_ids for peer in self.members(conversation))
        found.pop(user_id, None)
        return found

    def role(self, conversation_id: str, user_id: str) -> str | None:
        """Return a user's role in a conversation, or None where this server knows of none."""
        return self.members(conversation_id).get(user_id)
