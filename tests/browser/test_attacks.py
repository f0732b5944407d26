"""What people write, as a real browser shows it."""

import json

import pytest

from tests.browser.conftest import Show, Site
from tests.e2e.servers import manage

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

MARK = "MALLORY"
RUN = "window.xss=1"
ATTACKS = [
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"</textarea><script>{RUN}</script>",
    f'"><script>{RUN}</script>',
    f"'-({RUN})-'",
    f"javascript:{RUN}//",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<input autofocus onfocus={RUN}>",
    f'<a href="javascript:{RUN}">a</a>',
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"<!--<script>--><script>{RUN}</script>",
]

PLANT = """
import json, sys
from conversations.commands import CreateConversation
from messaging.commands import SendMessage
from stoory.accounts.models import User
from stoory.commands import execute
attacks, mark = {attacks!r}, {mark!r}
mallory, _ = User.objects.get_or_create(username="mallory", defaults={{"name": (mark + attacks[1])[:150]}})
people = [User.objects.get(username=name).pk for name in ("alice", "bob")]
title = (mark + attacks[0] + attacks[1])[:200]
command = CreateConversation(actor=mallory.pk, type="channel", participant_ids=people, title=title)
talk = execute(command).conversation
for attack in attacks:
    execute(SendMessage(actor=mallory.pk, conversation_id=str(talk.pk), text=attack, metadata={{attack: attack}}))
print(json.dumps(str(talk.pk)))
"""


def test_what_people_write_is_shown_and_does_not_run(show: Show, site: Site) -> None:
    place = json.loads(manage(site.env, "shell", "-v", "0", "-c", PLANT.format(attacks=ATTACKS, mark=MARK)))
    show("xss", place=place, mark=MARK, attacks=ATTACKS)
