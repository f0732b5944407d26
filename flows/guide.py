"""The guide of bid and campaign conversations: their flow."""

from collections.abc import Sequence
from uuid import UUID

from conversations.guides import Guidance
from conversations.models import Conversation, Participant
from flows.guidance import guidance
from flows.services import start_flow


class FlowGuide:
    """Answers for flows at the port that `conversations` has for a guide."""

    def start(self, conversation: Conversation) -> None:
        start_flow(conversation)

    def guidance(self, readers: Sequence[Participant]) -> dict[tuple[UUID, str], Guidance]:
        return guidance(readers)
