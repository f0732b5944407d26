"""Publish the flows that the app ships; `manage.py flows load` brings later ones."""

import hashlib

import msgspec
from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

from flows.definitions import KEYS, document


def publish(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    FlowVersion = apps.get_model("flows", "FlowVersion")
    known = set(FlowVersion.objects.values_list("key", flat=True))
    for key in (key for key in KEYS if key not in known):
        text = document(key).decode()
        written = msgspec.json.decode(text)
        FlowVersion.objects.create(
            key=key,
            number=1,
            status="published",
            conversation_type=written["conversation_type"],
            document=text,
            checksum=hashlib.sha256(msgspec.json.encode(written, order="deterministic")).hexdigest(),
            notes="Shipped with the app.",
            published_at=timezone.now(),
        )


class Migration(migrations.Migration):
    dependencies = [("flows", "0001_initial")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
