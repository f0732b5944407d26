"""Lists cost no more where there is more to list: as many queries for many rows as for a few, and no full count."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.models import Conversation, ConversationEvent, Participant
from flows.models import FlowEffect, FlowRun, FlowTimer, FlowTransition, ProviderEvent
from messaging.models import Message, Reaction, ReadReceipt
from stoory.accounts.models import User
from stoory.times import utc_now
from tests.admin.pages import url

pytestmark = pytest.mark.slow

LISTED: tuple[type[Model], ...] = (
    User,
    Conversation,
    Participant,
    ConversationEvent,
    Message,
    ReadReceipt,
    Reaction,
    FlowRun,
    FlowTransition,
    FlowTimer,
    FlowEffect,
    ProviderEvent,
)
FEW, MANY = 3, 60
UNBOUNDED = re.compile(r"SELECT COUNT\((?!.* LIMIT \d+\) subquery)")


def crowd(start: int, stop: int, talk: Conversation, run: FlowRun) -> None:
    """More of everything that is listed: people, each with a bid of their own, who all speak in one conversation."""
    fans = User.objects.bulk_create(User(username=f"fan{n}") for n in range(start, stop))
    first = talk.pair_low or ""
    bids = Conversation.objects.bulk_create(
        Conversation(
            type="bid",
            source_id=f"bid-{fan.pk}",
            pair_low=min(first, fan.pk),
            pair_high=max(first, fan.pk),
            flow_state=run.conversation.flow_state,
        )
        for fan in fans
    )
    Participant.objects.bulk_create(
        Participant(conversation=bid, user=fan) for bid, fan in zip(bids, fans, strict=True)
    )
    messages = Message.objects.bulk_create(
        Message(conversation=talk, seq=1_000 + start + n, sender=fan, text="hello") for n, fan in enumerate(fans)
    )
    ConversationEvent.objects.bulk_create(
        ConversationEvent(conversation=talk, seq=message.seq, kind="message", actor_id=message.sender_id)
        for message in messages
    )
    ReadReceipt.objects.bulk_create(ReadReceipt(message=message, reader_id=first) for message in messages)
    Reaction.objects.bulk_create(Reaction(message=message, user_id=first, type=":wave:") for message in messages)
    guided(bids, fans, run)


def guided(bids: list[Conversation], fans: list[User], like: FlowRun) -> None:
    """What flows keep of conversations: a run each, a step, a timer, an effect and what was reported."""
    now = utc_now()
    runs = FlowRun.objects.bulk_create(FlowRun(conversation=bid, version=like.version, entered_at=now) for bid in bids)
    steps = FlowTransition.objects.bulk_create(
        FlowTransition(run=run, version=like.version, to_state="start", seq_from=0, seq_to=1, reason="start", actor=fan)
        for run, fan in zip(runs, fans, strict=True)
    )
    FlowTimer.objects.bulk_create(
        FlowTimer(run=run, name="late", kind="timeout", state_seq=1, due_at=now + timedelta(days=1)) for run in runs
    )
    FlowEffect.objects.bulk_create(
        FlowEffect(run=step.run, transition=step, name="escrow.void", key=f"void-{step.pk}") for step in steps
    )
    ProviderEvent.objects.bulk_create(
        ProviderEvent(event_id=f"event-{bid.pk}", conversation=bid, name="payment.captured") for bid in bids
    )


def test_a_long_list_takes_no_more_queries_than_a_short_one(browser: Client, talk: Conversation, run: FlowRun) -> None:
    crowd(0, FEW, talk, run)
    short = {model: asked(browser, model) for model in LISTED}
    crowd(FEW, MANY, talk, run)
    assert {model: asked(browser, model) for model in LISTED} == short


def asked(browser: Client, model: type[Model]) -> int:
    """How many queries a list takes; none of them counts all that there is."""
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url(model)).status_code == 200
    assert [query["sql"] for query in queries if UNBOUNDED.match(query["sql"])] == []
    return len(queries)


def test_no_form_offers_all_rows_to_choose_from(browser: Client, talk: Conversation, run: FlowRun) -> None:
    crowd(0, FEW, talk, run)
    for model in LISTED:
        row = model._base_manager.first()
        assert row is not None
        page = browser.get(url(model, "change", row.pk)).content.decode()
        assert "fan2</option>" not in page
