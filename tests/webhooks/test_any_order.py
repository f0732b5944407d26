"""Whatever is said, taken, refused or lost by a courier that dies: each endpoint hears what its owner may see."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.models import Conversation, ParticipantRole
from messaging.selectors import replay
from stoory.accounts.models import User
from stoory.realtime.contracts.base import as_log_entries
from stoory.realtime.contracts.chat import CHAT
from stoory.webhooks import outbox
from stoory.webhooks.models import WebhookEndpoint
from stoory.webhooks.outbox import Parcel
from stoory.webhooks.posting import Answer
from tests.talk import automate, place, read, say, undone
from tests.webhooks.turns import BROKEN, TAKEN, deliver, let_rest, told, webhook_of

pytestmark = pytest.mark.slow

WHO, WHERE = st.integers(0, 1), st.integers(0, 1)
PARTY = st.sampled_from([None, ParticipantRole.BRAND_OWNER, ParticipantRole.INFLUENCER])
STEPS = st.lists(
    st.tuples(st.just("say"), WHO, WHERE)
    | st.tuples(st.just("whisper"), PARTY, WHERE)
    | st.tuples(st.just("read"), WHO, WHERE)
    | st.tuples(st.just("deliver"), st.lists(st.booleans(), max_size=5))
    | st.tuples(st.just("die")),
    max_size=25,
)


class Story:
    """Alice and bob in two conversations, each with a webhook, and what was posted to both."""

    def __init__(self, people: list[User], places: list[Conversation]) -> None:
        self.people, self.places = people, places
        self.webhooks = [webhook_of(who) for who in people]
        self.posted: list[Parcel] = []

    def say(self, who: int, where: int) -> None:
        say(self.people[who], self.places[where])

    def whisper(self, party: str | None, where: int) -> None:
        automate(self.places[where], visible_to=party)

    def read(self, who: int, where: int) -> None:
        read(self.people[who], self.places[where])

    def deliver(self, answers: list[bool]) -> None:
        """Deliver, with these answers and no others behind them."""
        left = list(answers)

        def answer(parcel: Parcel) -> Answer:
            return TAKEN if not left or left.pop() else BROKEN

        self.posted += deliver(answer, everything=True)
        self.rest()

    def die(self) -> None:
        """Post something, and never write it down."""
        outbox.look(everything=True)
        lease = outbox.claim()
        parcel = outbox.next_parcel(lease) if lease else None
        self.posted += [parcel] if parcel else []
        self.rest()

    def rest(self) -> None:
        for webhook in self.webhooks:
            let_rest(webhook)

    def heard(self, webhook: WebhookEndpoint, conversation: Conversation) -> list[Any]:
        """Return what an endpoint was told of a conversation, repetitions included."""
        here = [parcel for parcel in self.posted if parcel.hook.body.conversation_id == str(conversation.pk)]
        return told(here, webhook)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_is_visible_arrives_in_order(
    steps: list[Any], direct: Conversation, channel: Conversation, alice: User, bob: User, system_user: User
) -> None:
    with undone():
        story = Story([alice, bob], [direct, channel])
        starts = dict(Conversation.objects.values_list("pk", "last_seq"))
        for name, *arguments in steps:
            act: Callable[..., None] = getattr(story, name)
            act(*arguments)
        story.deliver([])
        for webhook, who in zip(story.webhooks, story.people, strict=True):
            for conversation in story.places:
                reader = place(who, conversation)
                visible = replay(reader, starts[conversation.pk]).events
                heard = story.heard(webhook, conversation)
                once = [each for number, each in enumerate(heard) if each not in heard[:number]]
                assert once == as_log_entries(CHAT, visible, CHAT.rooms(str(conversation.pk), reader.role))
                assert [each["seq"] for each in heard] == sorted(each["seq"] for each in heard)
