"""The log: numbered by its conversation, and every entry tells the event it was written from."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from conversations import log
from conversations.models import Conversation, ConversationEvent
from messaging.events import MessagesRead
from stoory.accounts.models import User
from stoory.times import utc_now
from tests.talk import published


def read_event(conversation: Conversation, reader: User, seq: int, visible_to: str | None = None) -> MessagesRead:
    return MessagesRead(
        conversation_id=str(conversation.pk),
        seq=seq,
        at=utc_now(),
        visible_to=visible_to,
        reader_id=reader.pk,
        message_ids=["1", "2"],
        up_to_message_id="2",
    )


def test_an_entry_is_published(direct: Conversation, bob: User) -> None:
    event = read_event(direct, bob, 1)
    with published() as heard:
        log.record(direct, event, actor=bob.pk)

    assert heard == [event]


def test_an_entry_moves_its_conversation(direct: Conversation, bob: User) -> None:
    moved_at = Conversation.objects.values_list("updated_at", flat=True).filter(pk=direct.pk)
    Conversation.objects.update(updated_at=utc_now() - timedelta(hours=1))
    before = moved_at.get()
    log.record(direct, read_event(direct, bob, 1), actor=bob.pk)

    direct.refresh_from_db()
    assert direct.last_seq == 1
    assert moved_at.get() > before  # by the database's clock


@pytest.mark.parametrize("visible_to", [None, "brand_owner"])
def test_an_entry_tells_the_event_it_was_written_from(direct: Conversation, bob: User, visible_to: str | None) -> None:
    event = read_event(direct, bob, 1, visible_to)
    log.record(direct, event, actor=bob.pk)

    row = ConversationEvent.objects.get()
    assert log.restore(row, MessagesRead) == event
    assert (row.kind, row.actor, row.visible_to, row.created_at) == ("read", bob, visible_to, event.at)


def test_what_every_entry_has_is_not_stored_twice(direct: Conversation, bob: User) -> None:
    entry = log.entry(read_event(direct, bob, 1), actor=bob.pk)
    assert entry.payload == {"reader_id": bob.pk, "message_ids": ["1", "2"], "up_to_message_id": "2"}


def test_a_payload_that_is_stored_elsewhere_is_left_out(direct: Conversation, bob: User) -> None:
    assert log.entry(read_event(direct, bob, 1), actor=None, payload={}).payload == {}


def test_a_place_that_is_taken_moves_nothing(direct: Conversation, bob: User) -> None:
    log.record(direct, read_event(direct, bob, 1), actor=bob.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        log.record(Conversation.objects.get(pk=direct.pk), read_event(direct, bob, 1), actor=bob.pk)
    assert ConversationEvent.objects.count() == 1
