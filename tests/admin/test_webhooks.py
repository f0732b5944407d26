"""Webhooks in the admin: staff see how they fare, switch them off and on for a reason, and never see a secret."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from conversations.models import Conversation
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.errors import Forbidden, InvalidPayload
from stoory.webhooks.commands import HoldWebhook, RotateSecret
from stoory.webhooks.models import WebhookEndpoint
from tests.admin.pages import text, url
from tests.talk import say
from tests.webhooks.turns import deliver, webhook_of


@pytest.fixture
def webhook(direct: Conversation, alice: User) -> WebhookEndpoint:
    """Alice's, whose secret was replaced."""
    made = webhook_of(alice)
    return execute(RotateSecret(actor=alice.pk, webhook_id=str(made.pk)))


def test_staff_never_see_a_secret(browser: Client, webhook: WebhookEndpoint) -> None:
    pages = (url(WebhookEndpoint), url(WebhookEndpoint, "change", webhook.pk), url(WebhookEndpoint, "portion"))
    for page in pages:
        shown = text(browser.get(page))
        assert webhook.url in shown
        assert webhook.secret not in shown
        assert webhook.old_secret not in shown


def act(browser: Client, webhook: WebhookEndpoint, action: str, reason: str) -> None:
    browser.post(url(WebhookEndpoint), {"action": action, "_selected_action": [webhook.pk], "reason": reason})
    webhook.refresh_from_db()


def test_it_is_switched_off_and_on_for_a_reason(
    browser: Client, webhook: WebhookEndpoint, direct: Conversation, bob: User
) -> None:
    act(browser, webhook, "pause", " ")
    assert webhook.is_active
    act(browser, webhook, "pause", "Complaints")
    assert (webhook.is_active, webhook.off_reason) == (False, "Switched off by staff: Complaints")
    say(bob, direct)
    assert deliver() == []
    act(browser, webhook, "resume", "Settled")
    assert webhook.is_active
    assert len(deliver()) == 1
    said = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert list(said) == ["Switched off: Complaints", "Switched on: Settled"]


def test_others_hold_none(webhook: WebhookEndpoint, alice: User, bob: User, staff: User) -> None:
    for who in (alice, bob):
        with pytest.raises(Forbidden):
            execute(HoldWebhook(actor=who.pk, webhook_id=str(webhook.pk), is_active=False, reason="Because"))
    with pytest.raises(InvalidPayload, match="Say why"):
        HoldWebhook(actor=staff.pk, webhook_id=str(webhook.pk), is_active=False, reason="")


def test_staff_change_nothing_else(browser: Client, webhook: WebhookEndpoint) -> None:
    browser.post(url(WebhookEndpoint, "change", webhook.pk), {"url": "https://elsewhere.example", "owner": "eve"})
    assert browser.get(url(WebhookEndpoint, "add")).status_code == 403
    assert browser.post(url(WebhookEndpoint, "delete", webhook.pk), {"post": "yes"}).status_code == 403
    assert WebhookEndpoint.objects.get().url == webhook.url
