"""Webhooks by REST: everybody has their own, a few of them, and sees how they fare."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from conversations.models import Conversation
from stoory.accounts.models import User
from stoory.webhooks.models import WebhookDelivery, WebhookEndpoint
from stoory.webhooks.outbox import Parcel
from stoory.webhooks.posting import Answer
from tests.rest.routes import UNKNOWN_ID, failure
from tests.talk import say
from tests.webhooks.turns import BROKEN, TAKEN, URL, deliver, texts, webhook_of

Api = Callable[[User | None], APIClient]

WEBHOOKS = "/api/webhooks"


def one(webhook: WebhookEndpoint, part: str = "") -> str:
    return f"{WEBHOOKS}/{webhook.pk}/{part}"


def test_making_one(api: Api, alice: User) -> None:
    response = api(alice).post(WEBHOOKS, {"url": URL, "kinds": ["chat:new"]}, format="json")
    made = WebhookEndpoint.objects.get()
    body = response.json()["webhook"]
    assert response.status_code == 201
    assert (made.owner, made.url, made.kinds, made.secret) == (alice, URL, ["chat:new"], body["secret"])
    assert body["secret"].startswith("whsec_")


def test_its_secret_is_told_once(api: Api, alice: User) -> None:
    webhook = webhook_of(alice)
    client = api(alice)
    listed = client.get(WEBHOOKS).json()["webhooks"]
    assert [each["id"] for each in listed] == [str(webhook.pk)]
    answers = [listed, client.get(one(webhook)).json(), client.patch(one(webhook), {}, format="json").json()]
    assert webhook.secret not in str(answers)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": 1},
        {"url": "hooks.example.org"},
        {"url": "https://name:word@hooks.example.org"},
        {"url": URL, "kinds": "chat:new"},
        {"url": URL, "kinds": ["chat:unheard"]},
        {"url": URL, "kinds": ["ping"]},
        {"url": URL, "kinds": ["chat:new", "chat:new"]},
    ],
)
def test_what_is_refused(api: Api, alice: User, body: dict[str, Any]) -> None:
    webhook = webhook_of(alice)
    assert failure(api(alice).post(WEBHOOKS, body, format="json")) == (400, "invalid_payload")
    if body:
        assert failure(api(alice).patch(one(webhook), body, format="json")) == (400, "invalid_payload")
    webhook.refresh_from_db()
    assert (WebhookEndpoint.objects.count(), webhook.url, webhook.kinds) == (1, URL, [])


def test_private_addresses_are_for_developers(api: Api, alice: User, settings: Settings) -> None:
    settings.WEBHOOK_PRIVATE_ADDRESSES = False
    response = api(alice).post(WEBHOOKS, {"url": "http://127.0.0.1:9000"}, format="json")
    assert failure(response) == (400, "invalid_payload")


def test_everybody_has_a_few(api: Api, alice: User, bob: User, settings: Settings) -> None:
    settings.WEBHOOKS_PER_USER = 1
    webhook_of(alice)
    assert failure(api(alice).post(WEBHOOKS, {"url": URL}, format="json")) == (400, "invalid_payload")
    assert api(bob).post(WEBHOOKS, {"url": URL}, format="json").status_code == 201


def test_changing_it(api: Api, alice: User) -> None:
    webhook = webhook_of(alice)
    change = {"url": f"{URL}/2", "kinds": ["chat:new"], "is_active": False}
    body = api(alice).patch(one(webhook), change, format="json").json()["webhook"]
    assert {name: body[name] for name in change} == change
    assert body["off_reason"] == "Switched off by its owner"
    body = api(alice).patch(one(webhook), {"is_active": True}, format="json").json()["webhook"]
    assert (body["url"], body["kinds"], body["is_active"], body["off_reason"]) == (f"{URL}/2", ["chat:new"], True, "")


def test_deleting_it(api: Api, direct: Conversation, alice: User, bob: User) -> None:
    webhook = webhook_of(alice)
    say(bob, direct)
    deliver()
    assert api(alice).delete(one(webhook)).json() == {"success": True}
    assert failure(api(alice).get(one(webhook))) == (404, "not_found")
    assert not WebhookDelivery.objects.exists()


def test_asking_for_a_ping(api: Api, alice: User) -> None:
    webhook = webhook_of(alice)
    assert api(alice).post(one(webhook, "test")).status_code == 202
    webhook.refresh_from_db()
    assert webhook.ping_asked_at is not None


def test_another_secret(api: Api, alice: User) -> None:
    webhook = webhook_of(alice)
    told = api(alice).post(one(webhook, "rotate")).json()["webhook"]["secret"]
    rotated = WebhookEndpoint.objects.get()
    assert (rotated.secret, rotated.old_secret) == (told, webhook.secret)
    assert told != webhook.secret


def test_telling_it_again(api: Api, direct: Conversation, alice: User, bob: User, channel: Conversation) -> None:
    for text in ("one", "two", "three"):
        say(bob, direct, text)
    webhook = webhook_of(alice)

    def again(**body: Any) -> Any:
        return api(alice).post(one(webhook, "replay"), {"conversation_id": str(direct.pk), **body}, format="json")

    assert again().status_code == 202
    first = deliver()
    assert again(after_seq=1).status_code == 202
    second = deliver()
    assert (texts(first), texts(second)) == (["one", "two", "three"], ["two", "three"])
    assert [each.hook for each in second] == [each.hook for each in first[1:]]
    for wrong in ({"after_seq": 4}, {"after_seq": -1}, {"after_seq": "1"}):
        assert failure(again(**wrong)) == (400, "invalid_payload")
    assert failure(again(conversation_id=UNKNOWN_ID)) == (404, "not_found")


def test_going_back_ends_the_turn_under_way(api: Api, direct: Conversation, alice: User, bob: User) -> None:
    webhook = webhook_of(alice)
    say(bob, direct, "one")
    say(bob, direct, "two")

    def go_back_once(parcel: Parcel) -> Answer:
        if texts([parcel]) == ["two"] and not seen:
            seen.append(parcel)
            api(alice).post(one(webhook, "replay"), {"conversation_id": str(direct.pk)}, format="json")
        return TAKEN

    seen: list[Parcel] = []
    assert texts(deliver(go_back_once)) == ["one", "two", "one", "two"]


def test_how_it_fares(api: Api, direct: Conversation, alice: User, bob: User) -> None:
    webhook = webhook_of(alice)
    say(bob, direct)
    [failed] = deliver(lambda parcel: BROKEN)
    [delivery] = api(alice).get(one(webhook, "deliveries")).json()["deliveries"]
    assert {name: delivery[name] for name in ("webhook_id", "event", "conversation_id", "seq", "status", "error")} == {
        "webhook_id": failed.hook.id,
        "event": "chat:new",
        "conversation_id": str(direct.pk),
        "seq": 1,
        "status": 500,
        "error": "HTTP status 500",
    }
    assert api(alice).get(one(webhook)).json()["webhook"]["failing_since"] == delivery["at"]


@pytest.mark.parametrize("part", ["", "test", "rotate", "deliveries"])
def test_others_have_none(api: Api, alice: User, bob: User, staff: User, part: str) -> None:
    webhook = webhook_of(alice)
    method = "post" if part in ("test", "rotate") else "get"
    for who in (bob, staff):
        for key in (str(webhook.pk), UNKNOWN_ID, "none"):
            response = getattr(api(who), method)(f"{WEBHOOKS}/{key}/{part}")
            assert failure(response) == (404, "not_found")
    assert api(bob).get(WEBHOOKS).json()["webhooks"] == []
