"""What there is that is not an outsider's, what is, and what nobody has."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from conversations.commands import CreateConversation
from conversations.models import Conversation, Participant
from flows.models import EffectStatus, FlowEffect, FlowRun
from messaging.commands import SendMessage
from stoory.accounts.models import Role, User
from stoory.commands import execute
from stoory.webhooks.commands import CreateWebhook

SECRET = "the secret of alice and bob"
CAMPAIGN = "campaign-of-alice"
UNKNOWN = {
    "conversation": "0197f000-0000-7000-8000-00000000dead",
    "message": "0197f000-0000-7000-8000-00000000beef",
    "campaign": "campaign-of-nobody",
    "user": "0197f000-0000-7000-8000-00000000cafe",
    "effect": "999999",
    "key": "flow_of_nobody",
    "number": "999",
    "webhook": "0197f000-0000-7000-8000-00000000face",
}
"""By kind, an id that nothing has."""


class World(NamedTuple):
    """Ids by kind: `foreign` ones, of which an outsider has heard, and `own` ones."""

    insider: User
    outsiders: dict[str, User]
    foreign: dict[str, list[str]]
    own: dict[str, str]

    def insights(self) -> Iterator[dict[str, str]]:
        """Return what an insider can name at once: each conversation, with what is in it."""
        for place, conversation in enumerate(self.foreign["conversation"]):
            yield {kind: ids[place % len(ids)] for kind, ids in self.foreign.items()} | {"conversation": conversation}

    def traces(self) -> list[str]:
        """Return texts that no outsider may ever be told."""
        return [SECRET, CAMPAIGN, *self.foreign["conversation"], *self.foreign["message"], self.insider.pk]


def make_world(alice: User, bob: User, charlie: User, staff: User, people: Callable[[str, str], User]) -> World:
    """Return alice's and bob's conversations, of which dora has left one, and one that all others share."""
    dora, erin = people("dora", Role.INFLUENCER), people("erin", Role.BRAND_OWNER)
    talks = [
        _open(alice, [bob], type="direct"),
        _open(alice, [bob, dora], type="channel", title=SECRET),
        _open(alice, [bob], type="bid", source_id="bid-1", campaign_id=CAMPAIGN),
    ]
    messages = [_say(alice, talk, SECRET) for talk in talks[:2]]
    Participant.objects.filter(user=dora).delete()
    place = _open(charlie, [dora, erin, staff], type="channel", title="Others")
    return World(
        insider=alice,
        outsiders={"non-member": charlie, "ex-member": dora, "other role": erin, "staff": staff},
        foreign={
            "conversation": [str(talk.pk) for talk in talks],
            "message": messages,
            "campaign": [CAMPAIGN],
            "user": [alice.pk],
            "effect": [str(_failed_effect(talks[2]).pk)],
            "key": ["bid"],
            "number": ["1"],
            "webhook": [str(execute(CreateWebhook(actor=alice.pk, url=f"https://{CAMPAIGN}.example")).pk)],
        },
        own=UNKNOWN | {"conversation": str(place.pk), "message": _say(charlie, place, "Hello")},
    )


def _open(who: User, others: list[User], **fields: str) -> Conversation:
    command = CreateConversation(actor=who.pk, participant_ids=[user.pk for user in others], **fields)  # type: ignore[arg-type]
    return execute(command).conversation


def _failed_effect(talk: Conversation) -> FlowEffect:
    run = FlowRun.objects.get(conversation=talk)
    step = run.transitions.get()
    return FlowEffect.objects.create(
        run=run, transition=step, name="escrow.void", key="void", status=EffectStatus.FAILED
    )


def _say(who: User, talk: Conversation, text: str) -> str:
    return execute(SendMessage(actor=who.pk, conversation_id=str(talk.pk), text=text)).message.id
