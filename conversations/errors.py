"""How a request about a conversation can fail."""

from stoory.errors import DomainError, NotFound


class ConversationNotFound(NotFound):
    """Conversation not found"""


class CampaignNotFound(NotFound):
    """Campaign not found"""


class AutomatedMode(DomainError):
    """Chat is in automated mode. Use action buttons to respond."""

    code = "automated_mode"


class ConversationClosed(DomainError):
    """This conversation is closed"""

    code = "conversation_closed"
