"""Pages of long conversations are read in the order of the index."""

from django.db import migrations

from stoory.statistics import expect_many_rows_each


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_fewer_indexes")]

    operations = [expect_many_rows_each("messaging_message", "conversation_id")]
