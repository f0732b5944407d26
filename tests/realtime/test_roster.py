"""Who takes part: what was read before a removal does not undo it, and what was read behind it stands."""

import pytest

from stoory.realtime.roster import Roster

WHERE = "a channel"


@pytest.fixture
def roster() -> Roster:
    """alice and bob are here, and bob is in the channel since version 2."""
    roster = Roster()
    for user in ("alice", "bob"):
        roster.arrive(user)
    roster.add(WHERE, "bob", "member", 2)
    return roster


def test_who_is_not_here_is_not_noted(roster: Roster) -> None:
    assert not roster.add(WHERE, "charlie", "member", 2)
    assert roster.role(WHERE, "charlie") is None


def test_what_was_read_before_a_removal_does_not_undo_it(roster: Roster) -> None:
    assert not roster.remove(WHERE, "alice", 3)  # she was not in; a read of before is still under way
    assert not roster.add(WHERE, "alice", "member", 2)
    assert roster.add(WHERE, "alice", "member", 3)
    assert roster.role(WHERE, "alice") == "member"


def test_a_removal_that_was_known_of_removes_nobody(roster: Roster) -> None:
    assert not roster.remove(WHERE, "bob", 2)
    assert roster.remove(WHERE, "bob", 3)
    assert WHERE not in roster


def test_an_old_read_does_not_make_a_member_older(roster: Roster) -> None:
    assert roster.add(WHERE, "bob", "member", 1)
    assert not roster.remove(WHERE, "bob", 2)


def test_an_old_word_that_comes_late_takes_nobody_back(roster: Roster) -> None:
    assert roster.remove(WHERE, "bob", 3)
    assert WHERE not in roster
    assert not roster.add(WHERE, "bob", "member", 2)
    assert roster.add(WHERE, "bob", "member", 3)


def test_the_newest_removals_are_remembered(roster: Roster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stoory.realtime.roster.REMOVALS_REMEMBERED", 2)
    for user in ("dora", "alice", "charlie"):
        roster.remove(WHERE, user, 3)
    assert [roster.is_current(WHERE, user, 2) for user in ("dora", "alice", "charlie")] == [True, False, False]
