"""Staff's pages for messages, and what conversations' timelines tell and offer of them."""

from messaging.admin import lines, lists, offers

__all__ = ["lines", "lists", "offers"]
