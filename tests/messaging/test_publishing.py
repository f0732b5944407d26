"""What is published is certain: after the commit, and never without one."""

import logging

import pytest
from django.db import connection, transaction

from conversations import log
from conversations.models import Conversation
from messaging.events import MessageSent, MessagesRead
from messaging.models import Message
from messaging.services import send_messages
from stoory.accounts.models import User
from stoory.events import Event, publish, subscribe, unsubscribe
from stoory.times import utc_now
from tests.talk import hearing, published, read, said, say


class Stop(Exception):
    """The test has seen enough."""


def say_and_stop(who: User, conversation: Conversation) -> None:
    with transaction.atomic():
        say(who, conversation, "lost")
        read(conversation.participants.exclude(user=who).get().user, conversation)
        raise Stop


def test_a_message_is_published_as_it_was_stored(direct: Conversation, alice: User) -> None:
    with published() as heard:
        answered = say(alice, direct, temp_id="t1")

    assert heard == [answered.event]


def test_a_read_is_published(direct: Conversation, alice: User, bob: User) -> None:
    message = say(alice, direct).message
    with published() as heard:
        answered = read(bob, direct)

    [event] = heard
    assert [event] == answered.events
    assert isinstance(event, MessagesRead)
    assert (event.reader_id, event.message_ids, event.seq) == (bob.pk, [message.id], 2)


def test_a_group_leaves_publishing_to_its_caller(direct: Conversation, alice: User) -> None:
    with published() as heard:
        send_messages([said(alice, direct)])

    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_it_is_committed_when_it_is_heard(direct: Conversation, alice: User) -> None:
    seen: list[tuple[bool, int]] = []

    def look(events: object) -> None:
        seen.append((connection.in_atomic_block, Message.objects.count()))

    subscribe(look)
    try:
        with transaction.atomic():
            say(alice, direct)
            assert seen == []
    finally:
        unsubscribe(look)

    assert seen == [(False, 1)]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_heard(direct: Conversation, alice: User) -> None:
    with hearing() as heard, pytest.raises(Stop):
        say_and_stop(alice, direct)

    assert heard == []
    assert not Message.objects.exists()
    assert Conversation.objects.get().last_seq == 0


def test_what_is_rolled_back_in_part_is_heard_in_part(direct: Conversation, alice: User) -> None:
    with published() as heard:
        kept = say(alice, direct, "kept")
        with pytest.raises(Stop):
            say_and_stop(alice, direct)

    assert heard == [kept.event]


def test_a_read_that_fails_halfway_is_not_heard(
    direct: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(alice, direct)

    def fail(*args: object) -> None:
        raise Stop

    with monkeypatch.context() as patched, published() as heard:
        patched.setattr(log, "write", fail)
        with pytest.raises(Stop):
            read(bob, direct)

    assert heard == []
    assert say(alice, direct).message.seq == 2


def test_without_a_transaction_it_is_heard_at_once(transactional_db: None) -> None:
    event = Event(conversation_id="c", at=utc_now())
    with hearing() as heard:
        publish(event)
        assert heard == [event]


def test_nobody_needs_to_listen(direct: Conversation, alice: User) -> None:
    with published():
        pass
    assert isinstance(say(alice, direct).event, MessageSent)


def test_a_listener_that_fails_does_not_fail_the_sender(
    direct: Conversation, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(events: object) -> None:
        raise Stop

    subscribe(fail)
    try:
        with caplog.at_level(logging.ERROR), published():
            say(alice, direct)
    finally:
        unsubscribe(fail)

    assert Message.objects.count() == 1
    assert "Stop" in caplog.text
