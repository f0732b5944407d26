"""Staff's pages for flows: versions, what runs, and what became of it. All that they change goes through Commands."""

from conversations.admin.lists import ConversationAdmin
from flows.admin import lines, offers, records, runs, versions

__all__ = ["lines", "offers", "records", "runs", "versions"]

ConversationAdmin.sections["Flow"] = runs.summary
