"""Staff's pages for conversations: lists to look through, and one timeline a conversation, where they step in."""

from conversations.admin import lists

__all__ = ["lists"]
