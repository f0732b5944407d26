"""Couriers on a network: what they post is signed, in order and once, also where there are two, or one is killed."""

import asyncio
import signal
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest
from django.conf import settings

from conversations.commands import CreateConversation
from conversations.models import Conversation
from stoory import metrics
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.handler import ThreadedHandler
from stoory.metrics import Sample
from stoory.realtime import health
from stoory.realtime.application import Application
from stoory.realtime.database import database
from stoory.realtime.health import Health
from stoory.realtime.node import Node
from stoory.times import utc_now
from stoory.webhooks import courier as couriers
from stoory.webhooks import outbox
from stoory.webhooks.commands import ChangeWebhook, PingWebhook, RotateSecret
from stoory.webhooks.courier import Courier
from stoory.webhooks.models import WebhookEndpoint
from tests.talk import say
from tests.webhooks.integrator import OK, Received, Receiver, texts, verified
from tests.webhooks.turns import let_rest, position, webhook_of
from tests.worker.processes import here, manage

pytestmark = pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as server:
        yield server


@pytest.fixture
def webhook(direct: Conversation, alice: User, receiver: Receiver) -> WebhookEndpoint:
    """Alice's, who is told of what bob says."""
    return webhook_of(alice, url=receiver.url)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let couriers look twenty times a second."""
    monkeypatch.setattr(couriers, "POLL_SECONDS", 0.05)


@pytest.fixture
async def courier(webhook: WebhookEndpoint) -> AsyncIterator[Courier]:
    """One that is at work."""
    made = Courier()
    await made.start()
    yield made
    await made.stop()


async def test_it_posts_what_happens_signed_and_in_order(
    courier: Courier, webhook: WebhookEndpoint, receiver: Receiver, direct: Conversation, bob: User
) -> None:
    for text in ("one", "two", "three"):
        await database(say, bob, direct, text)
    received = await receiver.wait(3)
    assert texts(received) == ["one", "two", "three"]
    assert all(verified(webhook.secret, each) for each in received)
    assert list(received[0].said) == ["type", "timestamp", "conversation_id", "seq", "data"]


async def test_it_tries_again_until_a_hook_is_taken(
    courier: Courier, receiver: Receiver, direct: Conversation, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FIRST_DELAY", 0 * outbox.FIRST_DELAY)

    def refuse_twice(received: Received) -> bytes:
        return OK if len(receiver.received) > 2 else b"HTTP/1.1 503 Service Unavailable\r\n\r\n"

    receiver.answer = refuse_twice
    await database(say, bob, direct, "one")
    await database(say, bob, direct, "two")
    received = await receiver.wait(4)
    assert texts(received) == ["one"] * 3 + ["two"]
    assert len({each.id for each in received}) == 2
    assert len({each.body for each in received}) == 2


async def test_a_ping_is_sent_once_also_where_it_is_switched_off(
    courier: Courier, webhook: WebhookEndpoint, receiver: Receiver
) -> None:
    owner, key = webhook.owner_id, str(webhook.pk)
    await database(execute, ChangeWebhook(actor=owner, webhook_id=key, is_active=False))
    receiver.answer = b"HTTP/1.1 500 Internal Server Error\r\n\r\n"
    await database(execute, PingWebhook(actor=owner, webhook_id=key))
    [received] = await receiver.wait(1)
    await courier.stop()
    assert verified(webhook.secret, received)
    assert received.said == {
        "type": "ping",
        "timestamp": received.said["timestamp"],
        "conversation_id": None,
        "seq": None,
        "data": {},
    }
    [delivery] = await database(list, webhook.deliveries.all())
    assert (delivery.hook_id, delivery.event, delivery.status) == (received.id, "ping", 500)
    assert len(receiver.received) == 1


async def test_an_old_secret_signs_for_a_day(
    webhook: WebhookEndpoint, receiver: Receiver, direct: Conversation, bob: User
) -> None:
    command = RotateSecret(actor=webhook.owner_id, webhook_id=str(webhook.pk))
    rotated = await database(execute, command)
    for _ in range(2):
        await database(say, bob, direct)
        await Courier().deliver_what_is_due()
        await database(WebhookEndpoint.objects.update, old_secret_until=utc_now())
    both, new = receiver.received
    assert [verified(webhook.secret, each) for each in (both, new)] == [True, False]
    assert [verified(rotated.secret, each) for each in (both, new)] == [True, True]


async def test_two_couriers_post_each_hook_once_and_in_order(
    webhook: WebhookEndpoint, receiver: Receiver, alice: User, bob: User
) -> None:
    def channel(number: int) -> Conversation:
        command = CreateConversation(actor=bob.pk, type="channel", participant_ids=[alice.pk], title=str(number))
        return execute(command).conversation

    def talk() -> None:
        opened = [channel(number) for number in range(4)]
        for number in range(10):
            for conversation in opened:
                say(bob, conversation, str(number))

    both = [Courier(), Courier()]
    for each in both:
        await each.start()
    await database(talk)
    received = await receiver.wait(40)
    for each in both:
        await each.stop()
    assert len({hook.id for hook in received}) == len(received) == 40
    heard = defaultdict(list)
    for hook in received:
        heard[hook.said["conversation_id"]].append(hook)
    assert [texts(hooks) for hooks in heard.values()] == [[str(number) for number in range(10)]] * 4


async def test_it_stops_when_the_hook_under_way_is_recorded(
    courier: Courier, webhook: WebhookEndpoint, receiver: Receiver, direct: Conversation, bob: User
) -> None:
    stopped: list[asyncio.Task[None]] = []

    def stop_meanwhile(received: Received) -> bytes:
        stopped.append(asyncio.ensure_future(courier.stop()))
        return OK

    receiver.answer = stop_meanwhile
    await database(say, bob, direct, "one")
    await database(say, bob, direct, "two")
    await receiver.wait(1)
    await stopped[0]
    place = await database(position, webhook, direct)
    assert (place.seq, place.lease) == (1, None)
    receiver.answer = OK
    await Courier().deliver_what_is_due()
    assert texts(receiver.received) == ["one", "two"]


async def test_a_hook_that_does_not_end_is_left_to_its_lease(
    courier: Courier,
    webhook: WebhookEndpoint,
    receiver: Receiver,
    direct: Conversation,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(couriers, "STOP_SECONDS", 0.05)
    receiver.answer = None
    await database(say, bob, direct)
    await receiver.wait(1)
    await courier.stop()
    place = await database(position, webhook, direct)
    assert (place.seq, place.lease is None) == (0, False)


async def test_one_that_hangs_holds_up_nobody_else(
    courier: Courier, receiver: Receiver, direct: Conversation, alice: User, bob: User
) -> None:
    async with Receiver(None) as hanging:
        await database(webhook_of, bob, url=hanging.url)
        for text in ("one", "two"):
            await database(say, alice, direct, text)
            await hanging.wait(1)
        assert texts(await receiver.wait(2)) == ["one", "two"]
        assert len(hanging.received) == 1


async def test_it_survives_a_database_that_is_away(
    courier: Courier, receiver: Receiver, direct: Conversation, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Semaphore(0)
    loop = asyncio.get_running_loop()

    def fail(**options: object) -> None:
        loop.call_soon_threadsafe(failed.release)
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "look", fail)
        for _ in range(2):
            await asyncio.wait_for(failed.acquire(), 5)
    await database(say, bob, direct)
    await receiver.wait(1)


async def test_it_works_beside_the_sockets_of_a_server(
    webhook: WebhookEndpoint, receiver: Receiver, direct: Conversation, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = Courier()
    application = Application(Node([beside]), ThreadedHandler())
    await application.node.start()
    await database(say, bob, direct)
    await receiver.wait(1)
    assert health.watched()["webhooks"] == Health.OK
    assert metrics.snapshot()["stoory_webhooks_failing"] == 0
    monkeypatch.setattr(couriers, "ILL_AFTER_SECONDS", -1.0)
    assert health.watched()["webhooks"] == Health.DEGRADED
    await application.node.stop()
    assert "webhooks" not in health.watched()
    assert "stoory_webhooks_failing" not in metrics.snapshot()
    assert Sample("stoory_hooks", 1, ("taken",)) in beside.figures()


# A courier that is killed when its hook was taken, before it can say so.
KILLED = """
import os, signal
from django.core.management import call_command
from stoory.webhooks import outbox
outbox.record = lambda parcel, answer: os.kill(os.getpid(), signal.SIGKILL)
call_command("worker", once=True)
"""


@pytest.mark.slow
async def test_what_a_killed_courier_posted_is_posted_again_under_the_same_id(
    webhook: WebhookEndpoint, receiver: Receiver, direct: Conversation, bob: User
) -> None:
    await database(say, bob, direct)
    killed = await asyncio.to_thread(manage, here(), "shell", "-v", "0", "-c", KILLED)
    assert killed.returncode == -signal.SIGKILL
    await database(let_rest, webhook)
    done = await asyncio.to_thread(manage, here(), "worker", "--once")
    assert done.returncode == 0, done.stderr
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert (await database(position, webhook, direct)).due_at is None
