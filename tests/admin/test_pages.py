"""Every page: shown to staff, to nobody else."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from conversations.models import Conversation, ConversationEvent, Participant
from flows.models import (
    CampaignEvent,
    EffectStatus,
    FlowEffect,
    FlowRun,
    FlowTimer,
    FlowTransition,
    FlowVersion,
    ProviderEvent,
    SandboxCall,
)
from messaging.models import Message, Reaction, ReadReceipt
from stoory.accounts.models import User
from stoory.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookPosition
from tests.admin.pages import url
from tests.webhooks.turns import webhook_of

pytestmark = pytest.mark.slow

READ_ONLY: tuple[type[Model], ...] = (
    Participant,
    ConversationEvent,
    Message,
    Reaction,
    ReadReceipt,
    FlowTransition,
    FlowTimer,
    FlowEffect,
    ProviderEvent,
    CampaignEvent,
    SandboxCall,
    WebhookPosition,
    WebhookDelivery,
)
MODELS: tuple[type[Model], ...] = (User, Conversation, FlowVersion, FlowRun, WebhookEndpoint, *READ_ONLY)
APPS = {"accounts", "conversations", "flows", "messaging", "webhooks"}


def first(model: type[Model]) -> Model:
    return model._base_manager.all()[0]


@pytest.fixture
def everything(talk: Conversation, run: FlowRun, bob: User) -> None:
    """At least one of each model."""
    Reaction.objects.create(message=talk.messages.get(), user=bob, type=":wave:")
    step = run.transitions.get()
    FlowEffect.objects.create(run=run, transition=step, name="escrow.void", key="void", status=EffectStatus.FAILED)
    ProviderEvent.objects.create(event_id="event-1", conversation=run.conversation, name="payment.captured")
    CampaignEvent.objects.create(event_id="event-1", campaign_id="spring", told_up_to=run.conversation_id)
    SandboxCall.objects.create(key="void", effect="escrow.void")
    WebhookDelivery.objects.create(endpoint=webhook_of(bob), hook_id="msg_1", event="ping", seconds=0)


@pytest.fixture(params=MODELS, ids=lambda model: model.__name__)
def model(request: pytest.FixtureRequest, everything: None) -> type[Model]:
    found: type[Model] = request.param
    return found


@pytest.fixture(params=READ_ONLY, ids=lambda model: model.__name__)
def read_only(request: pytest.FixtureRequest, everything: None) -> type[Model]:
    found: type[Model] = request.param
    return found


def test_it_tests_every_model_of_ours() -> None:
    assert {model for model in admin.site._registry if model._meta.app_label in APPS} == set(MODELS)


def test_it_lists(browser: Client, model: type[Model]) -> None:
    response = browser.get(url(model))
    assert response.status_code == 200
    assert str(first(model).pk) in response.content.decode()


def test_it_shows_one(browser: Client, model: type[Model]) -> None:
    assert browser.get(url(model, "change", first(model).pk)).status_code == 200


def test_it_shows_the_history_of_one(browser: Client, model: type[Model]) -> None:
    assert browser.get(url(model, "history", first(model).pk)).status_code == 200


def test_it_sends_strangers_to_the_login(client: Client, model: type[Model]) -> None:
    for page in (url(model), url(model, "change", first(model).pk)):
        assert client.get(page).headers["Location"] == f"{reverse('admin:login')}?next={page}"


def test_it_is_closed_to_participants(client: Client, model: type[Model], alice: User) -> None:
    client.force_login(alice)
    assert client.get(url(model)).status_code == 302
    assert client.get(url(model, "change", first(model).pk)).status_code == 302


def test_it_is_closed_to_staff_without_permission(client: Client, model: type[Model], charlie: User) -> None:
    User.objects.filter(pk=charlie.pk).update(is_staff=True)
    client.force_login(charlie)
    assert client.get(url(model)).status_code == 403


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_adds_nothing_to_what_the_log_owns(browser: Client, read_only: type[Model], method: str) -> None:
    assert getattr(browser, method)(url(read_only, "add")).status_code == 403


@pytest.mark.parametrize("page", ["change", "delete"])
def test_it_changes_nothing_that_the_log_owns(browser: Client, read_only: type[Model], page: str) -> None:
    row = first(read_only)
    before = read_only._base_manager.filter(pk=row.pk).values().get()
    assert browser.post(url(read_only, page, row.pk), {"post": "yes", "text": "changed"}).status_code == 403
    assert read_only._base_manager.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("model", [*READ_ONLY, User, Conversation, FlowVersion, FlowRun, WebhookEndpoint])
def test_it_offers_no_bulk_deletion(browser: Client, everything: None, model: type[Model]) -> None:
    data = {"action": "delete_selected", "_selected_action": str(first(model).pk), "post": "yes"}
    count = model._base_manager.count()
    browser.post(url(model), data)
    assert model._base_manager.count() == count
    assert "delete_selected" not in browser.get(url(model)).content.decode()
