"""What PostgreSQL is told of a table, where what it finds out by itself misleads it."""

from typing import Any

from django.db.migrations import RunPython

ROWS_EACH = "-0.0001"  # negative: distinct values as a part of all rows, one in ten thousand


def expect_many_rows_each(table: str, column: str) -> RunPython:
    """Have PostgreSQL plan for ten thousand rows of each value of a column, whatever their average is.

    What is asked often it plans once, for any value: for an average of few rows it would sort all that a value has, and
    some have a hundred thousand. Where many are expected it reads a page in the order of the index, which is right for
    any number.
    """

    def setting(change: str) -> Any:
        def alter(apps: Any, schema_editor: Any) -> None:
            if schema_editor.connection.vendor == "postgresql":
                schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} {change}")
                schema_editor.execute(f"ANALYZE {table} ({column})")  # from when on it is so

        return alter

    return RunPython(setting(f"SET (n_distinct = {ROWS_EACH})"), setting("RESET (n_distinct)"))
