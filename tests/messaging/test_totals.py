"""How many messages there are is counted once, and then only what has come since."""

import pytest

from conversations.models import Conversation
from messaging import totals
from messaging.selectors import messages_at
from messaging.totals import Counted, Totals
from stoory.accounts.models import User
from tests.talk import place, say


def test_only_what_is_new_is_counted(direct: Conversation, alice: User) -> None:
    reader = place(alice, direct)
    known = (str(direct.pk), reader.role)
    for number in (1, 2, 3):
        say(alice, direct)
        assert messages_at(reader, 0, 50)[1] == number
        assert totals.totals.known(*known) == Counted(total=number, up_to=number)
    totals.totals.remember(*known, Counted(total=100, up_to=2))
    assert messages_at(reader, 0, 50)[1] == 101


def test_who_was_asked_about_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "REMEMBERED_AT_MOST", 2)
    known = Totals()
    for conversation in ("a", "b", "a", "c"):
        known.remember(conversation, "member", Counted(total=1, up_to=1))
    assert [known.known(conversation, "member").total for conversation in "abc"] == [1, 0, 1]
    assert known.known("a", "influencer").total == 0
