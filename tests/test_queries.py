"""A prepared query answers as the queryset that it was built from would."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import CharField, QuerySet, UUIDField
from django.test.utils import CaptureQueriesContext

from conversations.models import Conversation, ConversationEvent
from messaging.models import Message
from stoory.accounts.models import User
from stoory.queries import IdText, OneOf, Parameter, PreparedQuery
from tests.talk import say

FIELDS = ("pk", "conversation_id", "text", "attachments", "created_at", "edited_at", "action_required")


def messages() -> QuerySet[Message, Any]:
    where = {"conversation__id": Parameter("conversation", UUIDField()), "text": Parameter("text", CharField())}
    return Message.objects.filter(**where, message_type="user_input").order_by("seq").values_list(*FIELDS)


def test_it_answers_for_whatever_it_is_told(alice: User, direct: Conversation, channel: Conversation) -> None:
    for where in (direct, channel):
        for text in ("a", "%s", "'\\\""):
            say(alice, where, text, attachments=[{"ratio": 1.5}])
    prepared = PreparedQuery(messages)
    for where in (direct, channel):
        for text in ("a", "%s", "'\\\"", "b"):
            expected = Message.objects.filter(conversation=where, text=text).order_by("seq").values_list(*FIELDS)
            assert prepared.rows(conversation=where.pk, text=text) == list(expected)


def test_a_list_may_be_of_any_length(alice: User, direct: Conversation) -> None:
    ids = [Message.objects.get(pk=say(alice, direct).message.id).pk for _ in range(3)]
    prepared = PreparedQuery(
        lambda: (
            Message.objects.filter(pk__in=[Parameter("ids", UUIDField(), many=True)]).order_by("seq").values_list("pk")
        )
    )
    for wanted in (ids, ids[:1], ids[1:]):
        assert prepared.rows(ids=wanted) == [(pk,) for pk in wanted]


def test_one_that_is_planned_once_answers_alike(alice: User, direct: Conversation, channel: Conversation) -> None:
    for where in (direct, channel):
        say(alice, where, "a")
    prepared = PreparedQuery(messages, planned_once=True)
    for where in (direct, channel):
        expected = Message.objects.filter(conversation=where, text="a").values_list(*FIELDS)
        assert prepared.rows(conversation=where.pk, text="a") == list(expected)


def test_an_id_may_come_as_text(alice: User, direct: Conversation) -> None:
    stored = Message.objects.get(pk=say(alice, direct).message.id)
    prepared = PreparedQuery(
        lambda: Message.objects.filter(pk__in=[Parameter("ids", UUIDField(), many=True)]).values_list(
            IdText("pk"), IdText("reply_to_id"), "conversation_id"
        ),
        planned_once=True,
    )
    assert prepared.rows(ids=[stored.pk]) == [(str(stored.pk), None, direct.pk)]


def test_many_texts_are_one_parameter(alice: User, bob: User, charlie: User) -> None:
    wanted = [alice.pk, charlie.pk, "'{,}\\"]
    with CaptureQueriesContext(connection) as asked:
        found = set(User.objects.filter(OneOf("pk", wanted)))
    assert (found, len(asked)) == ({alice, charlie}, 1)
    assert not User.objects.filter(OneOf("pk", [])).exists()


def test_it_is_built_once(alice: User, direct: Conversation) -> None:
    built: list[None] = []

    def build() -> QuerySet[Message, Any]:
        built.append(None)
        return messages()

    prepared = PreparedQuery(build)
    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            prepared.rows(conversation=direct.pk, text="a")
    assert (len(built), len(asked)) == (1, 3)


def test_what_it_is_not_told_is_missed(db: None) -> None:
    by_kind = PreparedQuery(
        lambda: ConversationEvent.objects.filter(kind=Parameter("kind", CharField())).values_list("pk")
    )
    with pytest.raises(KeyError):
        by_kind.rows()
