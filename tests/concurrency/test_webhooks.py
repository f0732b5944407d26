"""Many couriers at once: each conversation is one's; and nobody has more webhooks than they may by hurrying."""

import pytest
from pytest_django import Settings

from conversations.commands import CreateConversation
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.errors import InvalidPayload
from stoory.webhooks import outbox
from stoory.webhooks.models import WebhookEndpoint, WebhookPosition
from tests.concurrency.threads import at_once
from tests.talk import say
from tests.webhooks.turns import webhook_of

COURIERS = 4


@pytest.fixture
def owed(alice: User, bob: User) -> None:
    """Alice is owed what bob said in six conversations that were opened after her webhook."""
    webhook_of(alice)
    for number in range(6):
        command = CreateConversation(actor=bob.pk, type="channel", participant_ids=[alice.pk], title=str(number))
        say(bob, execute(command).conversation)


def test_what_is_owed_is_found_once(owed: None) -> None:
    at_once([outbox.look] * COURIERS)
    assert WebhookPosition.objects.filter(seq=0, lease=None, due_at__isnull=False).count() == 6
    assert WebhookPosition.objects.count() == 6


def test_a_conversation_is_leased_once(owed: None) -> None:
    outbox.look()

    def claim_all() -> list[int]:
        found = []
        while (lease := outbox.claim()) is not None:
            found.append(lease.position)
        return found

    leased = [position for found in at_once([claim_all] * COURIERS) for position in found]
    assert sorted(leased) == sorted(WebhookPosition.objects.values_list("pk", flat=True))


def test_a_ping_is_taken_once(owed: None) -> None:
    WebhookEndpoint.objects.update(ping_asked_at="2026-01-01T00:00:00Z")
    assert sum(parcel is not None for parcel in at_once([outbox.claim_ping] * COURIERS)) == 1


def test_nobody_has_too_many_by_hurrying(alice: User, settings: Settings) -> None:
    settings.WEBHOOKS_PER_USER = 2

    def hurry() -> bool:
        try:
            webhook_of(alice)
        except InvalidPayload:
            return False
        return True

    assert sum(at_once([hurry] * COURIERS)) == 2
    assert WebhookEndpoint.objects.count() == 2
