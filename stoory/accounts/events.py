"""What happens to accounts."""

from stoory.events import Event


class AccessRevoked(Event, frozen=True, kw_only=True, tag="access_revoked"):
    """A user may have lost the right to be here: deactivated, or their tokens void. In no log; every server looks."""

    conversation_id: str = ""
    user_id: str
