"""What can be done with webhooks; each function one transaction."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from conversations.models import Participant
from conversations.selectors import membership
from stoory.accounts.models import User
from stoory.accounts.selectors import check_staff
from stoory.commands import handles
from stoory.errors import InvalidPayload, NotAuthenticated
from stoory.times import utc_now
from stoory.webhooks.commands import (
    ChangeWebhook,
    CreateWebhook,
    DeleteWebhook,
    HoldWebhook,
    PingWebhook,
    ReplayWebhook,
    RotateSecret,
)
from stoory.webhooks.models import WebhookEndpoint, WebhookPosition
from stoory.webhooks.outbox import go_back, switch_off, switch_on
from stoory.webhooks.selectors import found, webhooks_of
from stoory.webhooks.signatures import new_secret

OLD_SECRET_SIGNS = timedelta(days=1)


@handles(CreateWebhook)
def create_webhook(command: CreateWebhook) -> WebhookEndpoint:
    """Create it, to be told what is logged from now on; raises `InvalidPayload` where the user has enough of them."""
    with transaction.atomic():
        # Two at once are counted one after the other.
        owner = User.objects.select_for_update(no_key=True).filter(pk=command.actor, is_active=True).first()
        if owner is None:
            raise NotAuthenticated
        if webhooks_of(owner.pk).count() >= settings.WEBHOOKS_PER_USER:
            raise InvalidPayload(f"You have {settings.WEBHOOKS_PER_USER} webhooks already", path="url")
        webhook = WebhookEndpoint.objects.create(owner=owner, url=command.url, kinds=command.kinds, secret=new_secret())
        _begin_here(webhook)
        return webhook


def _begin_here(webhook: WebhookEndpoint) -> None:
    """Note how far each of the owner's logs is: what was before is not told."""
    places = Participant.objects.filter(user=webhook.owner_id).order_by("conversation")
    WebhookPosition.objects.bulk_create(
        [
            WebhookPosition(endpoint=webhook, conversation_id=conversation, seq=last_seq)
            for conversation, last_seq in places.values_list("conversation", "conversation__last_seq")
        ],
        batch_size=1_000,
    )


@handles(ChangeWebhook)
def change_webhook(command: ChangeWebhook) -> WebhookEndpoint:
    """Change what is given; raises `WebhookNotFound`."""
    with transaction.atomic():
        webhook = _locked(webhooks_of(command.actor), command.webhook_id)
        if command.url is not None:
            webhook.url = command.url
        if command.kinds is not None:
            webhook.kinds = command.kinds
        webhook.save(update_fields=["url", "kinds"])
        if command.is_active is not None:
            _switch(webhook, command.is_active, "Switched off by its owner")
        return webhook


@handles(DeleteWebhook)
def delete_webhook(command: DeleteWebhook) -> None:
    """Delete it, with all that is known of it; raises `WebhookNotFound`."""
    with transaction.atomic():
        _locked(webhooks_of(command.actor), command.webhook_id).delete()


@handles(PingWebhook)
def ping_webhook(command: PingWebhook) -> None:
    """Ask for a ping, which the next worker sends; raises `WebhookNotFound`."""
    with transaction.atomic():
        webhook = _locked(webhooks_of(command.actor), command.webhook_id)
        webhook.ping_asked_at = utc_now()
        webhook.save(update_fields=["ping_asked_at"])


@handles(RotateSecret)
def rotate_secret(command: RotateSecret) -> WebhookEndpoint:
    """Replace the secret; raises `WebhookNotFound`."""
    with transaction.atomic():
        webhook = _locked(webhooks_of(command.actor), command.webhook_id)
        webhook.old_secret, webhook.old_secret_until = webhook.secret, utc_now() + OLD_SECRET_SIGNS
        webhook.secret = new_secret()
        webhook.save(update_fields=["secret", "old_secret", "old_secret_until"])
        return webhook


@handles(ReplayWebhook)
def replay_webhook(command: ReplayWebhook) -> None:
    """Go back to a place; raises `WebhookNotFound`, `ConversationNotFound`, `InvalidPayload` for one ahead."""
    with transaction.atomic():
        webhook = _locked(webhooks_of(command.actor), command.webhook_id)
        place = membership(command.actor, command.conversation_id)
        if command.after_seq > place.last_seq:
            raise InvalidPayload("The log has not come so far", path="after_seq")
        go_back(webhook, place.conversation_id, command.after_seq)


@handles(HoldWebhook)
def hold_webhook(command: HoldWebhook) -> None:
    """Switch it off or on as staff; raises `Forbidden`, `WebhookNotFound`."""
    check_staff(command.actor)
    with transaction.atomic():
        webhook = _locked(WebhookEndpoint.objects.all(), command.webhook_id)
        _switch(webhook, command.is_active, f"Switched off by staff: {command.reason}")


def _switch(webhook: WebhookEndpoint, is_active: bool, reason: str) -> None:
    if is_active and (webhook.failures or not webhook.is_active):
        switch_on(webhook)
    if not is_active and webhook.is_active:
        switch_off(webhook, reason)


def _locked(rows: QuerySet[WebhookEndpoint], webhook_id: str) -> WebhookEndpoint:
    return found(rows.select_for_update(no_key=True), webhook_id)
