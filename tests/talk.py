"""What people do in a conversation, in few words, and what the servers hear of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import transaction
from django.test import TestCase

from conversations.models import Conversation, ConversationEvent, Participant
from conversations.selectors import participation
from messaging.commands import MarkRead, Read, SendMessage, Sent
from messaging.models import Message, MessageType
from messaging.sending import Outcome
from stoory.accounts.models import SYSTEM_USER_ID, User
from stoory.commands import execute
from stoory.events import Event, subscribe, unsubscribe


def said(who: User, conversation: Conversation, text: str = "Hello", **fields: Any) -> SendMessage:
    """Return the command to send a message."""
    return SendMessage(actor=who.pk, conversation_id=str(conversation.pk), text=text, **fields)


def say(who: User, conversation: Conversation, text: str = "Hello", **fields: Any) -> Sent:
    """Send a message."""
    return execute(said(who, conversation, text, **fields))


def sent(outcome: Outcome) -> Sent:
    """Return the outcome of a message that was not refused."""
    assert isinstance(outcome, Sent), outcome
    return outcome


def read(who: User, conversation: Conversation, **which: Any) -> Read:
    """Mark messages as read; all of them unless `which` names some."""
    return execute(MarkRead(actor=who.pk, conversation_id=str(conversation.pk), **which))


def place(who: User, conversation: Conversation) -> Participant:
    """Return somebody's place in a conversation, as the database has it now."""
    return participation(who.pk, str(conversation.pk))


def automate(conversation: Conversation, text: str = "Choose", *, visible_to: str | None = None) -> Message:
    """Have the system user say something, to one party or to both."""
    conversation.refresh_from_db()
    message = Message.objects.create(
        conversation=conversation,
        seq=conversation.last_seq + 1,
        sender_id=SYSTEM_USER_ID,
        text=text,
        message_type=MessageType.AUTOMATED,
        visible_to=visible_to,
    )
    ConversationEvent.objects.create(
        conversation=conversation,
        seq=message.seq,
        kind="message",
        actor_id=SYSTEM_USER_ID,
        visible_to=visible_to,
        created_at=message.created_at,
    )
    Conversation.objects.filter(pk=conversation.pk).update(last_seq=message.seq, updated_at=message.created_at)
    return message


@contextmanager
def hearing() -> Iterator[list[Event]]:
    """Collect what is published."""
    heard: list[Event] = []
    subscriber = heard.extend
    subscribe(subscriber)
    try:
        yield heard
    finally:
        unsubscribe(subscriber)


@contextmanager
def published() -> Iterator[list[Event]]:
    """Collect what is published if the transaction of the test commits at the end of the block."""
    with hearing() as heard, TestCase.captureOnCommitCallbacks(execute=True):
        yield heard


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is done in the block."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def dump() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row that conversations, messages and flows have, by table."""
    models = [
        model for name in ("conversations", "messaging", "flows") for model in apps.get_app_config(name).get_models()
    ]
    return {model._meta.label: list(model._default_manager.order_by("pk").values_list()) for model in models}
