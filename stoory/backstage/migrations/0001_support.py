"""The permission to disconnect people, and the group `support`."""

from typing import Any

from django.db import migrations, models

from stoory.backstage.support import make_group, permissions_made

APPS = ("accounts", "conversations", "messaging", "flows", "backstage")


def make_support(apps: Any, schema_editor: Any) -> None:
    permissions_made(apps, schema_editor.connection.alias, APPS)
    make_group(apps.get_model("auth", "Group").objects, apps.get_model("auth", "Permission").objects, APPS)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("accounts", "0004_locale"),
        ("conversations", "0001_initial"),
        ("messaging", "0001_initial"),
        ("flows", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Intervention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "permissions": [("disconnect_user", "Can close people's sockets and void their tokens")],
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.RunPython(make_support, migrations.RunPython.noop),
    ]
