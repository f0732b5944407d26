"""Groups that want the same conversations in another order wait for each other, but never for ever."""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from conversations.models import Conversation
from messaging.models import Message
from messaging.services import send_messages
from stoory.accounts.models import User
from tests.concurrency.threads import PATIENCE_SECONDS, at_once
from tests.talk import said, sent

ROUNDS = 10

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def sending(who: User, conversations: list[Conversation]) -> Callable[[], int]:
    """Send to the conversations in this order, again and again."""

    def send() -> int:
        for _ in range(ROUNDS):
            outcomes = send_messages([said(who, conversation) for conversation in conversations])
            assert all(sent(outcome) for outcome in outcomes)
        return ROUNDS

    return send


def test_two_orders_do_not_deadlock(
    direct: Conversation, bid: Conversation, channel: Conversation, alice: User, bob: User
) -> None:
    Conversation.objects.filter(pk=bid.pk).update(chat_status="real_time")
    forwards = [direct, bid, channel]
    jobs = [sending(who, order) for who in (alice, bob) for order in (forwards, forwards[::-1])] * 2

    assert at_once(jobs) == [ROUNDS] * 8
    for conversation in forwards:
        before = conversation.last_seq
        conversation.refresh_from_db()
        said_by_people = conversation.messages.filter(message_type="user_input")
        assert conversation.last_seq - before == said_by_people.count() == 8 * ROUNDS


def test_nonces_in_two_orders_do_not_deadlock(direct: Conversation, channel: Conversation, alice: User) -> None:
    meeting = Barrier(2, timeout=PATIENCE_SECONDS)

    def insert_together(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if sql.startswith('INSERT INTO "messaging_message"'):
            meeting.wait()
        return execute(sql, *args)

    def sending_nonces(to: Conversation, numbers: range) -> Callable[[], int]:
        commands = [said(alice, to, client_nonce=str(number)) for number in numbers]

        def send() -> int:
            with connection.execute_wrapper(insert_together):
                return len(send_messages(commands))

        return send

    assert at_once([sending_nonces(direct, range(500)), sending_nonces(channel, range(499, -1, -1))]) == [500, 500]
    assert Message.objects.count() == 500
