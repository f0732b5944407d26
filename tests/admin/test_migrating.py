"""Running conversations go to another version: tried first, then done for a reason."""

import pytest
from django.test import Client

from conversations.models import Conversation
from flows.admin import migrating
from flows.models import FlowRun, FlowVersion
from stoory.accounts.models import User
from tests.admin.conftest import ATTACK
from tests.admin.pages import faults, main_of, of_version
from tests.flows.guided import drafted, guided, last_of, press, released, run_of
from tests.flows.players import bent

REASON = "The old wording was wrong."


@pytest.fixture
def old(staff: User) -> FlowVersion:
    return released(staff)


@pytest.fixture
def talks(old: FlowVersion, alice: User, bob: User) -> list[Conversation]:
    """Three bids that follow the old version, one of them a step further."""
    made = [guided(alice, bob, source) for source in ("bid-1", "bid-2", "bid-3")]
    press(bob, made[2], "ask", price="90")
    return made


@pytest.fixture
def new(talks: list[Conversation], staff: User) -> FlowVersion:
    """A version that calls the first state otherwise."""
    document = bent("states.asked", ...)
    states = {"wanted": bent("initial", "wanted")["states"]["asked"], **document["states"]}
    states["answered"]["actions"][1]["to"] = "wanted"
    return released(staff, {**document, "initial": "wanted", "states": states})


def migrating_of(version: FlowVersion) -> str:
    return of_version(version, "migrate")


def versions(talks: list[Conversation]) -> list[int]:
    return [run_of(talk).version_id for talk in talks]


def test_it_offers_versions_and_counts_states(browser: Client, old: FlowVersion, new: FlowVersion) -> None:
    assert "<tr" not in main_of(browser.get(migrating_of(old)))
    page = main_of(browser.get(migrating_of(old), {"to": new.pk}))
    rows = {row.partition("(")[2].partition(")")[0]: row for row in page.split('<th scope="row">')[1:]}
    assert list(rows) == ["asked", "answered"]
    assert '<td class="desk-number">2</td>' in rows["asked"]
    assert '<td class="desk-number">1</td>' in rows["answered"]
    assert "selected" not in rows["asked"]
    assert '<option value="answered" selected>' in rows["answered"]
    assert faults(page) == []


def test_a_state_without_a_place_forbids_it(
    browser: Client, old: FlowVersion, new: FlowVersion, talks: list[Conversation]
) -> None:
    page = main_of(browser.post(migrating_of(old), {"to": new.pk, "try": "1", "state-answered": "answered"}))
    assert "asked: there is no asked in version 2 (2 conversations)" in page
    assert 'name="run"' not in page
    assert versions(talks) == [old.pk] * 3


def test_it_is_tried_and_then_done(
    browser: Client, staff: User, old: FlowVersion, new: FlowVersion, talks: list[Conversation]
) -> None:
    mapping = {"to": new.pk, "state-asked": "wanted", "state-answered": "answered"}
    page = main_of(browser.post(migrating_of(old), {**mapping, "try": "1"}))
    assert '<td>asked</td><td>wanted</td><td class="desk-number">2</td>' in page
    assert versions(talks) == [old.pk] * 3
    assert "Say why." in main_of(browser.post(migrating_of(old), {**mapping, "run": "1"}))
    assert versions(talks) == [old.pk] * 3
    response = browser.post(migrating_of(old), {**mapping, "run": "1", "reason": REASON})
    assert response.status_code == 302
    assert versions(talks) == [new.pk] * 3
    step = last_of(talks[0])
    assert (step.reason, step.to_state, step.note, step.actor) == ("staff:migrate", "wanted", REASON, staff)


def test_what_is_left_is_migrated_once_more(
    browser: Client,
    old: FlowVersion,
    new: FlowVersion,
    talks: list[Conversation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(migrating, "MOVED_AT_ONCE", 2)
    data = {"to": new.pk, "state-asked": "wanted", "run": "1", "reason": REASON}
    response = browser.post(migrating_of(old), data)
    assert "Still to be moved: 1." in response.content.decode()
    assert REASON in main_of(response)
    assert browser.post(migrating_of(old), data).status_code == 302
    assert versions(talks) == [new.pk] * 3


@pytest.mark.parametrize("data", [{"state-asked": "nowhere"}, {"state-asked": "left"}, {"state-asked": ATTACK}])
def test_what_does_not_fit_is_refused_in_words(
    browser: Client, old: FlowVersion, new: FlowVersion, talks: list[Conversation], data: dict[str, str]
) -> None:
    page = main_of(browser.post(migrating_of(old), {"to": new.pk, "run": "1", "reason": REASON, **data}))
    assert "errornote" in page
    assert faults(page) == []
    assert versions(talks) == [old.pk] * 3


@pytest.mark.parametrize("to", ["", "0", "x"])
def test_a_target_that_is_none_changes_nothing(
    browser: Client, old: FlowVersion, talks: list[Conversation], to: str
) -> None:
    page = main_of(browser.post(migrating_of(old), {"to": to, "run": "1", "reason": REASON}))
    assert 'name="run"' not in page
    assert versions(talks) == [old.pk] * 3


def test_drafts_are_no_targets(browser: Client, staff: User, published: FlowVersion, run: FlowRun) -> None:
    draft = drafted(staff)
    assert "There is no other version for bid conversations." in main_of(browser.get(migrating_of(published)))
    assert "<table" not in main_of(browser.get(migrating_of(draft), {"to": published.pk}))


def test_onlookers_look_at_the_plan(onlooker: Client, old: FlowVersion, new: FlowVersion) -> None:
    page = main_of(onlooker.get(migrating_of(old), {"to": new.pk}))
    assert "<button" not in page.partition("<h2>States</h2>")[2]
    assert onlooker.post(migrating_of(old), {"to": new.pk, "try": "1"}).status_code == 403
