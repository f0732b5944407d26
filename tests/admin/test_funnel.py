"""The funnel: what became of the conversations of a flow."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client

from flows.models import FlowRun, FlowTransition, FlowVersion
from stoory.accounts.models import User
from stoory.times import utc_now
from tests.admin.conftest import ATTACK
from tests.admin.pages import faults, main_of, url
from tests.flows.guided import guided, press, released
from tests.flows.players import bent

pytestmark = pytest.mark.slow


def of(key: str = "small") -> str:
    return url(FlowVersion, "funnel", key)


@pytest.fixture
def talks(staff: User, alice: User, bob: User) -> FlowVersion:
    """Two bids: one declined after two hours, one that has just begun."""
    version = released(staff, bent("states.asked.title", "=1+1"))
    first = guided(alice, bob, "bid-1")
    guided(alice, bob, "bid-2")
    press(bob, first, "leave")
    FlowTransition.objects.filter(to_state="left").update(dwell=timedelta(hours=2))
    return version


def test_it_shows_figures_in_the_picture_and_in_tables(browser: Client, talks: FlowVersion) -> None:
    page = main_of(browser.get(of()))
    assert "<dt>Started</dt><dd>2</dd>" in page
    assert "<dt>Lost</dt><dd>1 (100 %)</dd>" in page
    assert 'text-anchor="end">1</text>' in page
    assert ">2 h</text>" in page
    assert "<td>action:leave</td><td>left</td>" in page
    assert faults(page) == []


def test_it_looks_at_one_version_and_a_period(browser: Client, staff: User, talks: FlowVersion) -> None:
    second = released(staff, bent("title", "Second"))
    today = utc_now().date()
    assert "<dt>Started</dt><dd>0</dd>" in main_of(browser.get(of(), {"version": second.pk}))
    assert "<dt>Started</dt><dd>2</dd>" in main_of(browser.get(of(), {"version": talks.pk}))
    period = {"start": today.isoformat(), "end": today.isoformat()}
    assert "<dt>Started</dt><dd>2</dd>" in main_of(browser.get(of(), period))
    past = (today - timedelta(days=2)).isoformat()
    assert "<dt>Started</dt><dd>0</dd>" in main_of(browser.get(of(), {"end": past}))


@pytest.mark.parametrize(
    "query",
    [{"version": "x"}, {"version": "0"}, {"start": "soon"}, {"end": ATTACK}, {"end": "9999-12-31"}],
)
def test_what_it_can_not_look_at_is_told(browser: Client, talks: FlowVersion, query: dict[str, str]) -> None:
    page = main_of(browser.get(of(), query))
    assert "errorlist" in page
    assert "<svg" not in page
    assert faults(page) == []


def test_it_is_taken_along_as_a_table(browser: Client, talks: FlowVersion) -> None:
    response = browser.get(of(), {"as": "csv"})
    rows = list(csv.DictReader(StringIO(response.content.decode())))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    [left] = [row for row in rows if row["reason"] == "action:leave"]
    assert (left["state"], left["to_state"], left["count"], left["conversion"]) == ("asked", "left", "1", "1.0")
    assert float(left["median_seconds"]) == 7200
    assert left["title"] == "'=1+1"


def test_titles_are_not_run(browser: Client, staff: User, alice: User, bob: User) -> None:
    released(staff, bent("states.asked.title", ATTACK))
    guided(alice, bob)
    assert faults(main_of(browser.get(of()))) == []


def test_a_flow_that_nobody_has_published_has_none(browser: Client, draft: FlowVersion) -> None:
    assert browser.get(of()).status_code == 404
    assert browser.get(of("none")).status_code == 404


def test_onlookers_see_it(onlooker: Client, run: FlowRun) -> None:
    assert "<dt>Started</dt><dd>1</dd>" in main_of(onlooker.get(of("bid")))


def test_others_do_not(client: Client, alice: User, run: FlowRun) -> None:
    client.force_login(alice)
    assert client.get(of("bid")).status_code == 302
