"""PostgreSQL plans what is asked often once, for a conversation of average length: it sorted the whole log of a long one.

Told that each has ten thousand entries, it reads a part in the order of the index, which is right for any length.
"""

from typing import Any

from django.db import migrations

SET = "ALTER TABLE conversations_conversationevent ALTER COLUMN conversation_id SET (n_distinct = -0.0001)"
RESET = "ALTER TABLE conversations_conversationevent ALTER COLUMN conversation_id RESET (n_distinct)"
ANALYZE = "ANALYZE conversations_conversationevent (conversation_id)"  # from when on it is so


def expect_long_conversations(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(SET)
        schema_editor.execute(ANALYZE)


def expect_average_conversations(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(RESET)
        schema_editor.execute(ANALYZE)


class Migration(migrations.Migration):
    dependencies = [("conversations", "0003_members_who_go")]

    operations = [migrations.RunPython(expect_long_conversations, expect_average_conversations)]
