"""What staff can do with a conversation's flow, on the conversation's own page."""

from collections.abc import Iterable
from typing import Any

from conversations.admin.offers import Offer, offers, status_deed
from conversations.models import Conversation
from flows.admin.deeds import deeds
from flows.runs import definition_of, run_of
from stoory.desk.deeds import Deed


def _of_flow(conversation: Conversation, actor: str, data: Any) -> Iterable[Deed]:
    run = run_of(conversation)
    if run is None:
        return
    state = definition_of(run.version).states.get(conversation.flow_state or "")
    if state is not None and state.chat_status != conversation.chat_status:
        label = "Hand back to its flow"
        yield status_deed(conversation, actor, data, "hand-back", label, state.chat_status)
    yield from deeds(run, actor, data).values()


offers.append(Offer("flows.change_flowrun", _of_flow))
