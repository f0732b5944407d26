"""What staff can do in a conversation; each application offers what it has Commands for."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from conversations.commands import SetChatStatus
from conversations.models import ChatStatus, Conversation
from stoory.desk.deeds import Deed, ToldReasonForm, meant

Offered = Callable[[Conversation, str, Any], Iterable[Deed]]
"""From a conversation, who asks and what was posted to deeds, the one that was posted with its forms filled in."""


class Offer(NamedTuple):
    """Deeds, and the permission that they take."""

    permission: str
    deeds: Offered


offers: list[Offer] = []
"""What can be done, in the order in which it is shown; applications put it here."""


def offered(conversation: Conversation, user: Any, data: Any = None) -> dict[str, Deed]:
    """Return what this member of staff can do now, by key."""
    return {
        deed.key: deed
        for offer in offers
        if user.has_perm(offer.permission)
        for deed in offer.deeds(conversation, str(user.pk), data)
    }


def _statuses(conversation: Conversation, actor: str, data: Any) -> Iterable[Deed]:
    if conversation.chat_status != ChatStatus.CLOSED:
        yield status_deed(conversation, actor, data, "close", "Close for chat", ChatStatus.CLOSED, "danger")
    if conversation.chat_status != ChatStatus.REAL_TIME:
        yield status_deed(conversation, actor, data, "reopen", "Open for chat", ChatStatus.REAL_TIME)


def status_deed(
    conversation: Conversation, actor: str, data: Any, key: str, label: str, status: str, style: str = "secondary"
) -> Deed:
    """Return the deed that moves a conversation to a chat status."""
    form = ToldReasonForm(meant(data, key), auto_id=f"{key}-%s")

    def command() -> SetChatStatus:
        return SetChatStatus(
            actor=actor,
            conversation_id=str(conversation.pk),
            chat_status=status,
            reason=form.cleaned_data["reason"],
        )

    return Deed(key, label, (form,), command, style)


offers.append(Offer("conversations.change_conversation", _statuses))
