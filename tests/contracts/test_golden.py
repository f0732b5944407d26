"""What the families hear of every sample is what the golden files say, and no event is without such a file.

None of these tests may use the database; pytest-django proves that none does.
"""

from typing import get_args

import pytest

from stoory.realtime.bus import BusEvent
from stoory.realtime.inquiries import Answered, Asked
from tests.contracts.golden import FAMILIES, FOLDER, GOLDEN, Occasion, occasions, payloads, said
from tests.contracts.samples import SAMPLES


@pytest.mark.parametrize("occasion", occasions(answers=False), ids=str)
def test_it_says_exactly_this(occasion: Occasion) -> None:
    family, event, given, to, reader = occasion
    heard = [
        each.payload
        for each in said(SAMPLES[given], reader)
        if (each.family, each.event, each.to) == (family, event, to)
    ]
    assert heard == payloads(occasion)


def test_every_event_that_is_said_has_a_golden_file() -> None:
    heard = {(each.family, each.event) for sample in SAMPLES.values() for each in said(sample)}
    assert heard == {(golden.family, golden.event) for golden in GOLDEN if not golden.is_answer}


def test_every_golden_file_is_named_after_its_one_event() -> None:
    for golden in GOLDEN:
        stem = "acks" if golden.event == "ack" else golden.event.replace(":", "-")
        assert golden.file == f"{golden.family}/{stem}.json"


def test_every_file_is_read_and_belongs_to_a_family() -> None:
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
    assert files == {golden.file for golden in GOLDEN}
    assert {golden.family for golden in GOLDEN} == set(FAMILIES)


def test_every_kind_of_event_has_a_sample() -> None:
    between_servers = (Asked, Answered)
    assert {type(sample) for sample in SAMPLES.values()} == set(get_args(BusEvent)).difference(between_servers)
