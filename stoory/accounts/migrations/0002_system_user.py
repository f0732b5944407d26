"""Create the system user: a real row that speaks for the automation and can't log in."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import migrations

SYSTEM_USER_ID = "00000000-0000-0000-0000-000000000000"


def create(apps: Any, schema_editor: Any) -> None:
    apps.get_model("accounts", "User").objects.get_or_create(
        pk=SYSTEM_USER_ID,
        defaults={
            "username": "system",
            "name": "System",
            "role": "system",
            "is_active": False,
            "password": make_password(None),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
