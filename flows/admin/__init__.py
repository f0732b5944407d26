"""Staff's pages for flows: versions, what runs, and what became of it. All that they change goes through Commands."""

from conversations.admin import sections
from flows.admin import records, runs, versions

__all__ = ["records", "runs", "versions"]

sections["Flow"] = runs.summary
