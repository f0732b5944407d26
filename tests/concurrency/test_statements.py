"""PostgreSQL's statement among others like it: what it locks is read anew, what breaks it is seen the second time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import psycopg
import pytest
from django.db import connection

from conversations.commands import SetChatStatus
from conversations.errors import ConversationClosed, ConversationNotFound
from conversations.models import Conversation, ConversationEvent, Participant
from messaging.commands import SendMessage, Sent
from messaging.errors import NonceReused
from messaging.models import Message
from messaging.sending import Outcome
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.realtime.database import database
from stoory.realtime.lane import NotStoredError, OutcomeUnknownError
from stoory.realtime.statements import StatementSender
from tests.talk import said, sent

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

Many = Callable[[int], list[StatementSender]]


@pytest.fixture
async def many() -> AsyncIterator[Many]:
    """Make servers' senders, each with a connection of its own."""
    made: list[StatementSender] = []

    def make(count: int) -> list[StatementSender]:
        made.extend(StatementSender() for _ in range(count))
        return made[-count:]

    yield make
    for sender in made:
        await sender.close()


@pytest.fixture
async def other() -> AsyncIterator[psycopg.AsyncConnection]:
    """Somebody else's connection."""
    wanted = {key: value for key, value in connection.get_connection_params().items() if key != "cursor_factory"}
    async with await psycopg.AsyncConnection.connect(**wanted, autocommit=True) as made:
        yield made


async def waits_for_lock(other: psycopg.AsyncConnection) -> int:
    """Wait until somebody waits for the lock of another transaction, and return their server process."""
    here = "SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE datname = current_database()"
    while True:
        query = f"SELECT pid FROM pg_locks WHERE NOT granted AND pid IN ({here})"
        found = await (await other.execute(query)).fetchone()
        if found is not None:
            return int(found[0])


async def at_once(*sends: Awaitable[list[Outcome]]) -> list[list[Outcome]]:
    return list(await asyncio.gather(*sends))


def check_gapless(*conversations: Conversation) -> None:
    for conversation in conversations:
        conversation.refresh_from_db()
        log = ConversationEvent.objects.filter(conversation=conversation).order_by("seq")
        assert list(log.values_list("seq", flat=True)) == list(range(1, conversation.last_seq + 1))
        told = log.filter(kind="message").values_list("seq", flat=True)
        assert list(conversation.messages.order_by("seq").values_list("seq", flat=True)) == list(told)


async def test_fifty_writers_take_each_place_once(many: Many, channel: Conversation) -> None:
    def crowd() -> list[User]:
        users = User.objects.bulk_create(User(username=f"writer {number}") for number in range(50))
        Participant.objects.bulk_create(Participant(conversation=channel, user=user) for user in users)
        return users

    async def write(sender: StatementSender, who: User) -> list[int]:
        groups = [await sender.send([said(who, channel, f"{n}"), said(who, channel, f"{n}")]) for n in range(5)]
        return [sent(outcome).message.seq for outcomes in groups for outcome in outcomes]

    taken = await asyncio.gather(*map(write, many(50), await database(crowd)))
    assert sorted(seq for seqs in taken for seq in seqs) == list(range(1, 501))
    assert all(seqs == sorted(seqs) for seqs in taken)
    await database(check_gapless, channel)


async def test_twenty_of_two_servers_with_one_nonce_store_one(many: Many, direct: Conversation, alice: User) -> None:
    one, two = many(2)
    command = said(alice, direct, client_nonce="1")

    async def repeat(sender: StatementSender) -> list[Outcome]:
        return [outcome for _ in range(10) for outcome in await sender.send([command])]

    outcomes = [sent(outcome) for outcomes in await at_once(repeat(one), repeat(two)) for outcome in outcomes]
    assert len({outcome.message.id for outcome in outcomes}) == 1
    assert [outcome.duplicate for outcome in outcomes].count(False) == 1
    assert await database(Message.objects.count) == 1


async def test_groups_with_the_same_nonces_store_each_once(many: Many, direct: Conversation, alice: User) -> None:
    group = [said(alice, direct, client_nonce=str(number)) for number in range(20)]
    answered = await at_once(*(sender.send(group) for sender in many(8)))
    ids = [[sent(outcome).message.id for outcome in outcomes] for outcomes in answered]
    assert ids == [ids[0]] * 8
    assert await database(Message.objects.count) == 20
    await database(check_gapless, direct)


async def test_a_lost_race_for_a_nonce_leaves_no_hole(
    many: Many, direct: Conversation, channel: Conversation, alice: User
) -> None:
    def group(to: Conversation) -> list[SendMessage]:
        return [said(alice, to, "before"), said(alice, to, client_nonce="1"), said(alice, to, "after")]

    one, two = many(2)
    answered = await at_once(one.send(group(direct)), two.send(group(channel)))
    outcomes = [outcome for outcomes in answered for outcome in outcomes]
    assert [type(outcome) for outcome in outcomes].count(NonceReused) == 1
    assert await database(Message.objects.count) == 5
    await database(check_gapless, direct, channel)


async def test_overlapping_groups_in_two_orders_do_not_deadlock(
    many: Many, direct: Conversation, channel: Conversation, alice: User, bob: User
) -> None:
    async def write(sender: StatementSender, who: User, order: Sequence[Conversation]) -> list[Outcome]:
        groups = [await sender.send([said(who, to) for to in order]) for _ in range(20)]
        return [outcome for group in groups for outcome in group]

    both = [direct, channel]
    orders = [(who, order) for who in (alice, bob) for order in (both, both[::-1])] * 2
    answered = await at_once(*(write(sender, *order) for sender, order in zip(many(8), orders, strict=True)))
    assert all(isinstance(outcome, Sent) for outcomes in answered for outcome in outcomes)
    assert await database(Message.objects.count) == 320
    await database(check_gapless, direct, channel)


async def test_nonces_in_two_orders_do_not_deadlock(
    many: Many, direct: Conversation, channel: Conversation, alice: User
) -> None:
    one, two = many(2)
    forwards = [said(alice, direct, client_nonce=str(number)) for number in range(200)]
    backwards = [said(alice, channel, client_nonce=str(number)) for number in reversed(range(200))]
    await at_once(one.send(forwards), two.send(backwards))
    assert await database(Message.objects.count) == 200


async def test_nothing_is_said_after_the_close(
    many: Many, direct: Conversation, alice: User, bob: User, staff: User
) -> None:
    async def write(sender: StatementSender, who: User) -> None:
        while not isinstance((await sender.send([said(who, direct)]))[0], ConversationClosed):
            pass

    writing = [asyncio.create_task(write(sender, who)) for sender, who in zip(many(2), (alice, bob), strict=True)]
    while not await database(direct.messages.exists):
        pass
    close = SetChatStatus(actor=staff.pk, conversation_id=str(direct.pk), chat_status="closed", reason="test")
    await database(execute, close)
    await asyncio.gather(*writing)

    await database(check_gapless, direct)
    newest = await database(lambda: ConversationEvent.objects.order_by("seq").last())
    assert newest is not None
    assert newest.kind == "state"


async def test_what_was_waited_for_is_seen(
    many: Many, direct: Conversation, alice: User, other: psycopg.AsyncConnection
) -> None:
    [sender] = many(1)
    change = "UPDATE conversations_conversation SET chat_status = 'closed', last_seq = 7"
    async with other.transaction():
        await other.execute(change)
        sending = asyncio.create_task(sender.send([said(alice, direct)]))
        await waits_for_lock(other)
    assert [type(outcome) for outcome in await sending] == [ConversationClosed]

    async with other.transaction():
        await other.execute("UPDATE conversations_conversation SET chat_status = 'real_time', last_seq = 8")
        sending = asyncio.create_task(sender.send([said(alice, direct)]))
        await waits_for_lock(other)
    assert [sent(outcome).message.seq for outcome in await sending] == [9]


async def test_who_is_removed_while_their_send_waits_has_not_said_it(
    many: Many, channel: Conversation, alice: User, bob: User, other: psycopg.AsyncConnection
) -> None:
    [sender] = many(1)
    async with other.transaction():
        await other.execute("DELETE FROM conversations_participant WHERE user_id = %s", [bob.pk])
        await other.execute("UPDATE conversations_conversation SET acl_version = 1")
        sending = asyncio.create_task(sender.send([said(alice, channel), said(bob, channel), said(alice, channel)]))
        await waits_for_lock(other)
    first, refused, last = await sending
    assert isinstance(refused, ConversationNotFound)
    assert [sent(outcome).message.seq for outcome in (first, last)] == [1, 2]
    await database(check_gapless, channel)


async def test_a_connection_that_is_lost_midway_leaves_the_outcome_unknown(
    many: Many, direct: Conversation, alice: User, other: psycopg.AsyncConnection
) -> None:
    [sender] = many(1)
    async with other.transaction():
        await other.execute("SELECT FROM conversations_conversation FOR UPDATE")
        sending = asyncio.create_task(sender.send([said(alice, direct)]))
        await other.execute("SELECT pg_terminate_backend(%s)", [await waits_for_lock(other)])
        with pytest.raises(OutcomeUnknownError):
            await sending
    assert [sent(outcome).message.seq for outcome in await sender.send([said(alice, direct)])] == [1]


async def test_a_connection_that_was_lost_while_idle_is_replaced(
    many: Many, direct: Conversation, alice: User, other: psycopg.AsyncConnection
) -> None:
    [sender] = many(1)
    await sender.send([said(alice, direct)])
    await other.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE '%json_to_recordset%'"
        " AND pid <> pg_backend_pid() AND datname = current_database()"
    )
    assert [sent(outcome).message.seq for outcome in await sender.send([said(alice, direct)])] == [2]


async def test_what_the_server_refuses_is_known_not_to_be_stored(
    many: Many, direct: Conversation, alice: User, other: psycopg.AsyncConnection
) -> None:
    [sender] = many(1)
    taken = sent((await sender.send([said(alice, direct)]))[0]).message.id
    with pytest.raises(psycopg.errors.UniqueViolation):
        await sender.send([said(alice, direct), said(alice, direct, message_id=taken)])
    assert await database(Message.objects.count) == 1
    assert [sent(outcome).message.seq for outcome in await sender.send([said(alice, direct)])] == [2]


async def test_without_a_server_nothing_is_stored_and_it_is_known(
    many: Many, direct: Conversation, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    [sender] = many(1)
    with pytest.raises(NotStoredError):
        await sender.send([said(alice, direct)])
