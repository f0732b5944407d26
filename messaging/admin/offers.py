"""What staff can say in a conversation."""

from collections.abc import Iterable
from typing import Any

from django import forms

from conversations.admin.offers import Offer, offers
from conversations.models import Conversation
from messaging.commands import MAX_TEXT, PostNotice
from stoory.desk.deeds import Deed, ReasonForm, meant

KEY = "notice"


class NoticeForm(forms.Form):
    """What the system is to say."""

    text = forms.CharField(
        label="Message",
        max_length=MAX_TEXT,
        widget=forms.Textarea({"rows": 3}),
        help_text="Everybody in the conversation reads it, as said by the system.",
    )


def _notice(conversation: Conversation, actor: str, data: Any) -> Iterable[Deed]:
    text = NoticeForm(meant(data, KEY), auto_id=f"{KEY}-%s")
    reason = ReasonForm(meant(data, KEY), auto_id=f"{KEY}-%s")

    def command() -> PostNotice:
        return PostNotice(
            actor=actor,
            conversation_id=str(conversation.pk),
            text=text.cleaned_data["text"],
            note=reason.cleaned_data["reason"],
        )

    yield Deed(KEY, "Post as the system", (text, reason), command, "primary")


offers.insert(0, Offer("messaging.add_message", _notice))
