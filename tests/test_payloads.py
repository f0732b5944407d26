"""What a client sent, beyond its types: texts that every store can hold, JSON that every client can read."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoory.errors import InvalidPayload
from stoory.payloads import MAX_DEPTH, MAX_SAFE_INTEGER, check_json, check_text

ROOM = 1_000_000

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER) | st.floats(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
POISON: list[Any] = [
    "NUL \x00",
    "half \ud800 a character",
    2**53,
    -(2**53),
    float("nan"),
    float("inf"),
    float("-inf"),
    {"\x00": 1},
    {"\udfff": 1},
    {"k" * 257: 1},
]


def branches(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(leaves, max_size=4) | st.dictionaries(TEXTS, leaves, max_size=4)


def around(poisoned: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists and objects that hold something poisoned among what is fine."""
    fine = st.lists(LEAVES, max_size=3)
    in_a_list = st.tuples(fine, poisoned, fine).map(lambda parts: [*parts[0], parts[1], *parts[2]])
    in_an_object = st.tuples(st.dictionaries(TEXTS, LEAVES, max_size=3), TEXTS, poisoned).map(
        lambda parts: {**parts[0], parts[1]: parts[2]}
    )
    return in_a_list | in_an_object


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth - 1):
        value = [value]
    return value


def refusal(value: Any, max_bytes: int = ROOM) -> InvalidPayload:
    with pytest.raises(InvalidPayload) as caught:
        check_json(value, "metadata", max_bytes=max_bytes)
    return caught.value


# Texts


@pytest.mark.parametrize("text", ["ab", "abcde", "🙂🙂", "a\nb", "é\u0301"])
def test_a_text_within_its_bounds_is_returned(text: str) -> None:
    assert check_text(text, "text", min_length=2, max_length=5) == text


@pytest.mark.parametrize("text", ["", "a", "abcdef", "🙂" * 6])
def test_a_text_out_of_its_bounds_is_refused(text: str) -> None:
    with pytest.raises(InvalidPayload, match="Expected 2 to 5 characters") as caught:
        check_text(text, "title", min_length=2, max_length=5)
    assert caught.value.details == {"path": "title"}


@pytest.mark.parametrize(("text", "why"), [("a\x00b", "NUL"), ("\ud83d", "surrogates"), ("ok \udc00", "surrogates")])
def test_a_text_that_no_database_can_store_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidPayload, match=why) as caught:
        check_text(text, "title", max_length=100)
    assert caught.value.details == {"path": "title"}


@given(st.text(st.characters(codec=None)))
def test_a_text_that_passes_can_be_encoded(text: str) -> None:
    try:
        check_text(text, "text", max_length=100)
    except InvalidPayload:
        return
    assert text.encode().decode() == text


# JSON


@given(st.recursive(LEAVES, branches, max_leaves=20))
def test_json_that_every_client_reads_passes_unchanged(value: Any) -> None:
    before = copy.deepcopy(value)
    assert check_json(value, "metadata", max_bytes=ROOM) is value
    assert value == before


@given(st.recursive(st.sampled_from(POISON), around, max_leaves=8))
def test_poison_is_found_wherever_it_is(value: Any) -> None:
    assert refusal(value).details["path"].startswith("metadata")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (2**53, "metadata"),
        ({"a": {"b": 2**53}}, "metadata.a.b"),
        ({"a": [0, "\x00"]}, "metadata.a[1]"),
        ([{"name": "\ud800"}], "metadata[0].name"),
        ({"\x00": 1}, "metadata"),
    ],
)
def test_the_path_leads_to_the_fault(value: Any, path: str) -> None:
    assert refusal(value).details == {"path": path}


@pytest.mark.parametrize("number", [1e16, -1e23, 1e308, float(2**53)])
def test_a_number_that_comes_back_from_postgresql_as_another_is_refused(number: float) -> None:
    assert refusal([number]).details == {"path": "metadata[0]"}


@pytest.mark.parametrize("number", [0, -0.0, 0.1, 5e-324, MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER, 9e15, True])
def test_numbers_that_javascript_holds_pass(number: float) -> None:
    assert check_json([number], "metadata", max_bytes=ROOM) == [number]


def test_it_is_at_most_16_levels_deep() -> None:
    assert check_json(nested(MAX_DEPTH), "metadata", max_bytes=ROOM)
    assert "deeper than 16" in refusal(nested(MAX_DEPTH + 1)).message


@pytest.mark.parametrize("depth", [200, 100_000])
def test_what_is_far_too_deep_does_no_harm(depth: int) -> None:
    assert "deeper than 16" in refusal(nested(depth)).message


def test_its_size_is_that_of_its_bytes() -> None:
    assert check_json("é" * 9, "metadata", max_bytes=20) == "é" * 9
    assert "at most 20 bytes" in refusal("é" * 10, max_bytes=20).message
