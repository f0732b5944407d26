"""A run as the interpreter sees it: its definition, where it is, whom its texts name."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from conversations.models import ChatStatus, Conversation, Participant
from flows.decoding import decode_json
from flows.models import FlowRun, FlowVersion
from flows.schema import PARTIES, Definition, Party
from flows.snapshots import People, Snapshot

Parties = dict[Party, Participant]


@lru_cache(maxsize=256)
def _decoded(checksum: str, version_id: int) -> Definition:
    """Decode a version once; its document never changes under a checksum."""
    return decode_json(FlowVersion.objects.values_list("document", flat=True).get(pk=version_id))


def definition_of(version: FlowVersion) -> Definition:
    """Return a version's definition."""
    return _decoded(version.checksum, version.pk)


def run_of(conversation: Conversation) -> FlowRun | None:
    """Return the run of a conversation, which stays the one that is loaded."""
    run = FlowRun.objects.select_related("version").defer("version__document").filter(pk=conversation.pk).first()
    if run is not None:
        run.conversation = conversation
    return run


def parties_of(conversation: Conversation) -> Parties:
    """Return who stands for each party: the first in its role, their user loaded."""
    return parties_by_conversation([conversation.pk]).get(conversation.pk, {})


def parties_by_conversation(keys: Iterable[UUID]) -> dict[UUID, Parties]:
    """Return who stands for each party of each conversation, in one query."""
    found: dict[UUID, Parties] = {}
    people = Participant.objects.filter(conversation__in=keys, role__in=PARTIES).select_related("user").order_by("-pk")
    for person in people:
        for role in PARTIES:
            if role == person.role:
                found.setdefault(person.conversation_id, {})[role] = person
    return found


def sole_holders(conversation: Conversation) -> dict[str, str]:
    """Return the user who is a party alone, by role; a party of several people has no one receiver."""
    people = conversation.participants.filter(role__in=PARTIES).values_list("role", "user_id")
    holders = Counter(role for role, _ in people)
    return {role: user_id for role, user_id in people if holders[role] == 1}


def people_of(parties: Parties, conversation: Conversation) -> People:
    """Return the names that texts may show."""
    names = {role: person.user.display_name for role, person in parties.items()}
    return People(
        influencer=names.get("influencer", ""),
        brand_owner=names.get("brand_owner", ""),
        conversation=conversation.title or conversation.source_id or "",
    )


def snapshot_of(run: FlowRun, parties: Parties) -> Snapshot:
    """Return where a run is."""
    conversation = run.conversation
    return Snapshot(
        state=conversation.flow_state or "",
        state_seq=conversation.state_seq,
        context=run.data,
        entered_at=run.entered_at,
        delay=run.delay,
        people=people_of(parties, conversation),
    )


def is_closed_by_staff(run: FlowRun, definition: Definition) -> bool:
    """Return whether staff has closed the conversation before its flow came to an end."""
    state = definition.states.get(run.conversation.flow_state or "")
    return run.conversation.chat_status == ChatStatus.CLOSED and state is not None and not state.final


def is_held(run: FlowRun, definition: Definition) -> bool:
    """Return whether staff keeps the conversation where it is: no button and no timer moves it."""
    return run.paused_at is not None or is_closed_by_staff(run, definition)
