"""Whatever alice and bob do, in whichever order: the log has no hole, and the counts are what a child would count."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.models import Conversation, ConversationEvent
from messaging.commands import SendMessage
from messaging.errors import NonceReused
from messaging.events import MessageData, MessageSent
from messaging.models import Message
from messaging.selectors import events_between, replay, unread_count, unread_total
from messaging.services import send_messages
from stoory.accounts.models import User
from stoory.events import Event
from tests.talk import place, read, said, sent, undone

pytestmark = pytest.mark.slow

WHO = st.integers(0, 1)
WHERE = st.integers(0, 2)
WHICH = st.integers(0, 9)

SENDS = st.lists(st.tuples(WHO, WHERE, st.none() | st.sampled_from("abcd")), min_size=1, max_size=5)
READS = st.tuples(WHO, WHERE, st.none() | WHICH | st.lists(WHICH, max_size=4))
STEPS = st.lists(SENDS | READS, max_size=20)

Step = list[tuple[int, int, str | None]] | tuple[int, int, int | list[int] | None]


class Diary:
    """What a conversation should be, kept in the simplest way."""

    def __init__(self, conversation: Conversation) -> None:
        conversation.refresh_from_db()
        self.conversation = conversation
        self.events: list[Event] = events_between(str(conversation.pk), 0, conversation.last_seq)
        self.messages: list[MessageData] = [event.message for event in self.events if isinstance(event, MessageSent)]
        self.one_party = {event.message.id: event.visible_to for event in self.events if isinstance(event, MessageSent)}
        self.read: dict[str, set[str]] = defaultdict(set)

    def sees(self, reader: User, visible_to: str | None) -> bool:
        return visible_to in (None, place(reader, self.conversation).role)

    def unread(self, reader: User) -> list[str]:
        return [
            message.id
            for message in self.messages
            if message.sender_id != reader.pk
            and message.id not in self.read[reader.pk]
            and self.sees(reader, self.one_party.get(message.id))
        ]

    def named(self, reader: User, which: int | list[int] | None) -> tuple[dict[str, Any], list[str]]:
        """Return how to ask for what is to be read, and the ids of it."""
        ids = [message.id for message in self.messages]
        match which:
            case int() if which < len(ids):
                is_seen = self.sees(reader, self.one_party.get(ids[which]))
                return {"up_to_message_id": ids[which]}, ids[: which + 1] if is_seen else []
            case int():
                return {"up_to_message_id": "nothing"}, []
            case list():
                chosen = [ids[number] for number in which if number < len(ids)]
                return {"message_ids": chosen}, chosen
        return {}, ids


class World:
    """Two people, three conversations, and what should have happened there."""

    def __init__(self, people: Sequence[User], conversations: Sequence[Conversation]) -> None:
        self.people = people
        self.diaries = [Diary(conversation) for conversation in conversations]
        self.by_nonce: dict[tuple[str, str], MessageData] = {}

    def take(self, step: Step) -> None:
        if isinstance(step, list):
            self.send(step)
        else:
            self.mark(*step)

    def send(self, group: list[tuple[int, int, str | None]]) -> None:
        commands = [
            said(self.people[who], self.diaries[where].conversation, client_nonce=nonce) for who, where, nonce in group
        ]
        for (_, where, _), command, outcome in zip(group, commands, send_messages(commands), strict=True):
            self.check_sent(self.diaries[where], command, outcome)

    def check_sent(self, diary: Diary, command: SendMessage, outcome: Any) -> None:
        known = self.by_nonce.get((command.actor, command.client_nonce or ""))
        if known is None:
            answered = sent(outcome)
            assert answered.event is not None
            assert answered.message.seq == answered.event.seq == len(diary.events) + 1
            diary.events.append(answered.event)
            diary.messages.append(answered.message)
            if command.client_nonce:
                self.by_nonce[command.actor, command.client_nonce] = answered.message
        elif known.conversation_id == command.conversation_id:
            assert sent(outcome).message == known
            assert sent(outcome).duplicate
        else:
            assert isinstance(outcome, NonceReused)

    def mark(self, who: int, where: int, which: int | list[int] | None) -> None:
        reader, diary = self.people[who], self.diaries[where]
        form, ids = diary.named(reader, which)
        newly = [pk for pk in diary.unread(reader) if pk in ids]
        answered = read(reader, diary.conversation, **form)
        diary.read[reader.pk].update(newly)

        assert answered.unread_count == len(diary.unread(reader))
        assert sorted(answered.message_ids) == sorted(newly)
        for event in answered.events:
            assert event.seq == len(diary.events) + 1
            assert {diary.one_party.get(pk) for pk in event.message_ids} == {event.visible_to}
            diary.events.append(event)

    def check(self) -> None:
        for diary in self.diaries:
            check_log(diary)
            for person in self.people:
                reader = place(person, diary.conversation)
                assert unread_count(reader) == len(diary.unread(person))
                assert replay(reader, 0).events == [
                    event for event in diary.events if diary.sees(person, event.visible_to)
                ]
        for person in self.people:
            assert unread_total(person.pk) == sum(len(diary.unread(person)) for diary in self.diaries)


def check_log(diary: Diary) -> None:
    entries = ConversationEvent.objects.filter(conversation=diary.conversation).order_by("seq")
    messages = Message.objects.filter(conversation=diary.conversation).order_by("seq")
    assert [entry.seq for entry in entries] == list(range(1, len(diary.events) + 1))
    assert [message.seq for message in messages] == [entry.seq for entry in entries if entry.kind == "message"]
    assert [str(message.pk) for message in messages] == [message.id for message in diary.messages]
    assert Conversation.objects.get(pk=diary.conversation.pk).last_seq == len(diary.events)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(steps=STEPS)
def test_the_log_and_the_counts_are_what_they_should_be(
    direct: Conversation, bid: Conversation, channel: Conversation, alice: User, bob: User, steps: list[Step]
) -> None:
    Conversation.objects.filter(pk=bid.pk).update(chat_status="real_time")
    with undone():
        world = World([alice, bob], [direct, bid, channel])
        for step in steps:
            world.take(step)
        world.check()
