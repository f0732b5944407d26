"""The picture and the Mermaid text of a flow: complete, the same every time, harmless in any page."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from flows.decoding import decode
from flows.definitions import KEYS
from flows.mermaid import mermaid
from flows.pictures import svg
from flows.texts import localized
from tests.flows.players import SHIPPED, bent, small

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"
EVIL = '<script>alert("1")</script>'


@pytest.mark.parametrize("key", KEYS)
def test_it_draws_the_same_picture_every_time(key: str) -> None:
    assert svg(SHIPPED[key]) == (GOLDEN / f"{key}.svg").read_text()


@pytest.mark.parametrize("key", KEYS)
def test_it_writes_the_same_diagram_every_time(key: str) -> None:
    assert mermaid(SHIPPED[key]) == (GOLDEN / f"{key}.mmd").read_text()


@pytest.mark.parametrize("key", KEYS)
def test_every_state_and_every_way_is_in_the_picture(key: str) -> None:
    texts = [element.text for element in ElementTree.fromstring(svg(SHIPPED[key])).iter(f"{SVG}text")]
    for state in SHIPPED[key].states.values():
        assert localized(state.title, "en") in texts
        for action in state.actions:
            assert any(f": {localized(action.label, 'en')} " in (text or "") for text in texts)


@pytest.mark.parametrize("key", KEYS)
def test_no_two_labels_overlap(key: str) -> None:
    chips = [element.attrib for element in ElementTree.fromstring(svg(SHIPPED[key])).iter(f"{SVG}rect")][1:]
    boxes = [tuple(float(chip[name]) for name in ("x", "y", "width", "height")) for chip in chips]
    for number, (x, y, width, height) in enumerate(boxes):
        for a, b, wide, high in boxes[:number]:
            assert x >= a + wide or a >= x + width or y >= b + high or b >= y + height


def test_a_strict_content_security_policy_lets_it_pass() -> None:
    picture = svg(SHIPPED["bid"])

    assert not re.search(r"<script|<style|style=|\son\w+=|href|javascript:|<foreignObject", picture)


def test_durations_are_written_out() -> None:
    timer = {"id": "soon", "at": "ctx.day", "offset": "P1DT12H", "before": True, "to": "late"}
    picture = svg(decode(bent("states.answered.timers.2", timer)))

    assert "after 3 days → Late" in picture
    assert "1 day and 12 hours before day → Late" in picture


def test_it_shows_how_many_are_where_and_where_one_is() -> None:
    picture = svg(small(), counts={"asked": 41}, current="answered")

    assert ">41</text>" in picture
    assert picture.count('stroke-width="3"') == 1
    assert "Asked (41)" in mermaid(small(), counts={"asked": 41})
    assert "class answered current" in mermaid(small(), current="answered")


def test_it_shows_how_long_one_stays() -> None:
    picture = svg(small(), counts={"asked": 41}, stays={"asked": "<2 h"})

    assert [text.text for text in ElementTree.fromstring(picture).iter(f"{SVG}text")].count("<2 h") == 1


def test_states_without_a_way_out_are_drawn() -> None:
    lonely = {"title": "Lonely", "phase": "done", "outcome": "won"}

    assert ">Lonely</text>" in svg(decode(bent("states", {"asked": lonely, "real_time": lonely})))


def test_titles_are_written_not_run() -> None:
    evil = decode(bent("states.asked.title", EVIL))

    assert "<script" not in svg(evil) + mermaid(evil)
    assert any(text.text == EVIL for text in ElementTree.fromstring(svg(evil)).iter(f"{SVG}text"))


def test_titles_are_in_the_readers_language() -> None:
    flow = decode(bent("states.asked.title", {"en": "Asked", "hi": "पूछा"}))

    assert "पूछा" in svg(flow, locale="hi")
    assert "पूछा" in mermaid(flow, locale="hi")
