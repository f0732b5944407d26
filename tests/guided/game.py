"""A conversation that a flow leads, played over REST: alice owns the brand, bob is the influencer, staff decides."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from rest_framework.test import APIClient

from conversations.commands import CreateConversation
from conversations.models import Conversation
from flows.commands import ActForHouse, Delivery, ReceiveProviderEvent, Stepped
from flows.models import FlowEffect, FlowRun, TimerStatus
from flows.oversight import shift
from flows.services import fire_timer
from stoory.accounts.models import SYSTEM_USER_ID, User
from stoory.commands import execute
from stoory.times import utc_now
from tests.guided.answers import answers_to
from tests.rest.routes import of

PARTIES = ("influencer", "brand_owner")
OTHER = {"influencer": "brand_owner", "brand_owner": "influencer"}
MOMENT = timedelta(seconds=1)


class Player(NamedTuple):
    """Somebody and their REST client."""

    user: User
    client: APIClient


Players = dict[str, Player]
"""By role: `influencer`, `brand_owner`, `staff`."""

Start = Callable[..., "Game"]
Line = tuple[Any, ...]
"""A role, an action and maybe answers; or an event of the world and maybe its values."""


class Game:
    """One conversation and its players. What they press carries the number of the step that they see."""

    def __init__(self, kind: str, players: Players, **context: Any) -> None:
        self.kind = kind
        self.players = players
        alice, bob = players["brand_owner"].user, players["influencer"].user
        command = CreateConversation(
            actor=alice.pk,
            type=kind,
            participant_ids=[bob.pk],
            source_id="spring",
            title="Cold brew reel",
            context=context,
        )
        self.key = execute(command).conversation.pk
        self.reported = 0

    # What is there

    @property
    def conversation(self) -> Conversation:
        return Conversation.objects.get(pk=self.key)

    @property
    def state(self) -> str:
        return self.conversation.flow_state or ""

    @property
    def run(self) -> FlowRun:
        return FlowRun.objects.select_related("conversation", "version").get(pk=self.key)

    @property
    def effects(self) -> list[tuple[str, dict[str, Any]]]:
        return list(FlowEffect.objects.filter(run=self.key).order_by("pk").values_list("name", "arguments"))

    def get(self, role: str, part: str, **query: Any) -> dict[str, Any]:
        response = self.players[role].client.get(of(self.key, part), query)
        assert response.status_code == 200, response.content
        body: dict[str, Any] = response.json()
        return body

    def card(self, role: str) -> dict[str, Any]:
        """What a role may do now."""
        return self.get(role, "actions")

    def button(self, role: str, action: str) -> dict[str, Any] | None:
        return next((button for button in self.card(role)["actions"] if button["id"] == action), None)

    def messages(self, role: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(role, "messages", limit=100)["messages"]
        return found

    def texts(self, role: str) -> list[str]:
        return [message["message"] for message in self.messages(role)]

    def log(self, role: str, after_seq: int = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(role, "events", after_seq=after_seq, limit=1000)["events"]
        return found

    # What happens

    def attempt(self, role: str, action: str, data: Any = None, **more: Any) -> Any:
        """Press a button, whatever comes of it."""
        return self.players[role].client.post(of(self.key, "actions"), {"action": action, "data": data} | more)

    def press(self, role: str, action: str, **answers: Any) -> dict[str, Any]:
        """Press a button that the role is shown, with these answers or the first ones that fit."""
        shown = self.card(role)
        button = next(button for button in shown["actions"] if button["id"] == action)
        data = answers_to(button) | answers
        response = self.attempt(role, action, data, state_seq=shown["state_seq"])
        assert response.status_code == 200, response.content
        body: dict[str, Any] = response.json()
        return body

    def decide(self, action: str, **answers: Any) -> Stepped:
        """Let staff press a button."""
        actor = self.players["staff"].user.pk
        return execute(
            ActForHouse(actor=actor, conversation_id=str(self.key), action=action, data=answers, reason="It is fair")
        )

    def report(self, event: str, **data: Any) -> Delivery:
        """Let the world report something, with an id of its own."""
        self.reported += 1
        [delivery] = execute(
            ReceiveProviderEvent(
                actor=SYSTEM_USER_ID,
                event_id=f"event-{self.reported}",
                event=event,
                conversation_id=str(self.key),
                data=data,
            )
        )
        return delivery

    def play(self, *lines: Line) -> "Game":
        for first, *rest in lines:
            if "." in first:
                self.report(first, **(rest[0] if rest else {}))
            elif first == "staff":
                self.decide(rest[0])
            else:
                self.press(first, rest[0], **(rest[1] if len(rest) > 1 else {}))
        return self

    def let_pass(self, duration: timedelta) -> None:
        """Let time pass, and no worker look."""
        run = self.run
        shift(run, -duration)
        if run.paused_at is not None:
            run.paused_at -= duration
            run.save(update_fields=["paused_at"])

    def wait_for(self, timer: str) -> None:
        """Let time pass until a timer is due, and a worker see to all that are."""
        due_at = self.run.timers.get(name=timer, status=TimerStatus.PENDING).due_at
        self.let_pass(due_at - utc_now() + MOMENT)
        for each in self.run.timers.filter(status=TimerStatus.PENDING, due_at__lte=utc_now()).order_by("due_at"):
            fire_timer(each.pk)
