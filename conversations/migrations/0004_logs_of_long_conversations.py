"""Parts of long logs are read in the order of the index."""

from django.db import migrations

from stoory.statistics import expect_many_rows_each


class Migration(migrations.Migration):
    dependencies = [("conversations", "0003_members_who_go")]

    operations = [expect_many_rows_each("conversations_conversationevent", "conversation_id")]
