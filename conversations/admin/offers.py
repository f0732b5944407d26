"""What staff can do in a conversation; each application offers what it has Commands for."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django import forms

from conversations.commands import RemoveMember, SetChatStatus
from conversations.models import ChatStatus, Conversation, ConversationType
from stoory.desk.deeds import Deed, ReasonForm, ToldReasonForm, meant

REMOVE = "remove"

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


class MemberForm(forms.Form):
    """Who is to go."""

    member = forms.CharField(label="Username", max_length=150)

    def __init__(self, conversation: Conversation, data: Any, **options: Any) -> None:
        super().__init__(data, **options)
        self._conversation = conversation

    def clean_member(self) -> str:
        """Return the id of the member of this name."""
        named = self._conversation.participants.filter(user__username=self.cleaned_data["member"].strip())
        user_id = named.values_list("user_id", flat=True).first()
        if user_id is None:
            raise forms.ValidationError("Nobody of this name is in the conversation.")
        return user_id


def _removal(conversation: Conversation, actor: str, data: Any) -> Iterable[Deed]:
    if conversation.type != ConversationType.CHANNEL:
        return
    member = MemberForm(conversation, meant(data, REMOVE), auto_id=f"{REMOVE}-%s")
    reason = ReasonForm(meant(data, REMOVE), auto_id=f"{REMOVE}-%s")

    def command() -> RemoveMember:
        return RemoveMember(
            actor=actor,
            conversation_id=str(conversation.pk),
            user_id=member.cleaned_data["member"],
            note=reason.cleaned_data["reason"],
        )

    yield Deed(REMOVE, "Remove a member", (member, reason), command, "danger")


offers += [
    Offer("conversations.change_conversation", _statuses),
    Offer("conversations.change_conversation", _removal),
]
