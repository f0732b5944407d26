"""Versions in the database, conversations that they guide, and what people do there."""

import json
from typing import Any

from conversations.commands import CreateConversation
from conversations.models import Conversation
from flows.commands import CreateDraft, PerformAction, PublishVersion, Stepped
from flows.models import FlowRun, FlowTransition, FlowVersion
from stoory.accounts.models import User
from stoory.commands import execute
from tests.flows.players import SMALL


def drafted(who: User, document: Any = SMALL, **fields: Any) -> FlowVersion:
    """A draft; `document` is a text or what a text says."""
    text = document if isinstance(document, str) else json.dumps(document)
    return execute(CreateDraft(actor=who.pk, document=text, **fields))


def released(who: User, document: Any = SMALL) -> FlowVersion:
    """A published version."""
    return execute(PublishVersion(actor=who.pk, version_id=drafted(who, document).pk))


def guided(alice: User, bob: User, source: str = "bid-1", **fields: Any) -> Conversation:
    """A bid conversation of the two, led by the flow that is published at this moment."""
    command = CreateConversation(actor=alice.pk, type="bid", participant_ids=[bob.pk], source_id=source, **fields)
    return execute(command).conversation


def press(who: User, conversation: Conversation, action: str, **data: Any) -> Stepped:
    """Press a button, of this step."""
    return execute(PerformAction(actor=who.pk, conversation_id=str(conversation.pk), action=action, data=data))


def run_of(conversation: Conversation) -> FlowRun:
    """The run of a conversation, as the database has it now."""
    return FlowRun.objects.select_related("conversation", "version").get(pk=conversation.pk)


def last_of(conversation: Conversation) -> FlowTransition:
    """The last line of a conversation's log of transitions."""
    return FlowTransition.objects.filter(run=conversation.pk).latest("pk")
