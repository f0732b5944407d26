"""PostgreSQL plans what is asked often once, for a conversation of average length: it sorted all of a long one.

Told that each has ten thousand messages, it reads a page in the order of the index, which is right for any length.
"""

from typing import Any

from django.db import migrations

SET = "ALTER TABLE messaging_message ALTER COLUMN conversation_id SET (n_distinct = -0.0001)"
RESET = "ALTER TABLE messaging_message ALTER COLUMN conversation_id RESET (n_distinct)"
ANALYZE = "ANALYZE messaging_message (conversation_id)"  # from when on it is so


def expect_long_conversations(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(SET)
        schema_editor.execute(ANALYZE)


def expect_average_conversations(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(RESET)
        schema_editor.execute(ANALYZE)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_fewer_indexes")]

    operations = [migrations.RunPython(expect_long_conversations, expect_average_conversations)]
