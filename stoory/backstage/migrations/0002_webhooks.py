"""The group `support` looks after webhooks too."""

from typing import Any

from django.db import migrations

from stoory.backstage.support import make_group, permissions_made


def extend_support(apps: Any, schema_editor: Any) -> None:
    permissions_made(apps, schema_editor.connection.alias, ["webhooks"])
    make_group(apps.get_model("auth", "Group").objects, apps.get_model("auth", "Permission").objects, ["webhooks"])


class Migration(migrations.Migration):
    dependencies = [("backstage", "0001_support"), ("webhooks", "0001_initial")]

    operations = [migrations.RunPython(extend_support, migrations.RunPython.noop)]
