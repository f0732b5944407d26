"""What a published version says never changes, whoever writes to the database."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CHANGED = """\
OLD.status <> 'draft' AND (
    NEW.status = 'draft'
    OR NEW.document <> OLD.document
    OR NEW.checksum <> OLD.checksum
    OR NEW.key <> OLD.key
    OR NEW.number <> OLD.number
    OR NEW.conversation_type <> OLD.conversation_type
)"""

POSTGRESQL = f"""\
CREATE FUNCTION flows_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A published version never changes' USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER flows_keep_version BEFORE UPDATE ON flows_flowversion
FOR EACH ROW WHEN ({CHANGED}) EXECUTE FUNCTION flows_keep_version();
"""
SQLITE = f"""\
CREATE TRIGGER flows_keep_version BEFORE UPDATE ON flows_flowversion WHEN {CHANGED}
BEGIN SELECT RAISE(ABORT, 'A published version never changes'); END;
"""


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def drop(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER flows_keep_version ON flows_flowversion")
            cursor.execute("DROP FUNCTION flows_keep_version()")
        else:
            cursor.execute("DROP TRIGGER flows_keep_version")


class Migration(migrations.Migration):
    dependencies = [("flows", "0003_delay")]
    operations = [migrations.RunPython(create, drop)]
