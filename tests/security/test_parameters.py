"""Query parameters are values and nothing else: SQL in them fails nothing, and words of the ORM change no answer."""

import re
from pathlib import Path

import pytest

from tests.rest.routes import CONVERSATIONS
from tests.security.test_foreign_routes import ALL, Api
from tests.security.world import World

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
SOURCES = [path for name in ("stoory", "conversations", "messaging", "flows") for path in (ROOT / name).rglob("*.py")]

PARAMETERS = ("page", "limit", "before", "before_seq", "after_seq", "after", "offset", "type", "against")
ATTACKS = ["'", "1' OR '1'='1", "1; DROP TABLE messaging_message--", "1 UNION SELECT password", "\x00", "9" * 40, "-1"]
WORDS_OF_THE_ORM = {
    "_connector": "OR",
    "user__password__startswith": "a",
    "conversation__participants__user": "alice",
    "order_by": "user__password",
    "ordering": "-password",
    "fields": "password",
    "id__isnull": "0",
}


def test_no_value_of_a_parameter_is_a_fault_of_ours(world: World, api: Api) -> None:
    client = api(world.insider)
    for name, path, method in ALL:
        if method != "get":
            continue
        for kind, ids in world.foreign.items():
            path = path.replace(f"<{kind}>", ids[0])
        for attack in ATTACKS:
            assert client.get(path, dict.fromkeys(PARAMETERS, attack)).status_code < 500, (name, attack)


@pytest.mark.parametrize("word", WORDS_OF_THE_ORM)
def test_words_of_the_orm_are_not_heard(world: World, api: Api, word: str) -> None:
    conversation = world.foreign["conversation"][0]
    for path in (CONVERSATIONS, f"{CONVERSATIONS}/{conversation}/messages"):
        client = api(world.insider)
        assert client.get(path, {word: WORDS_OF_THE_ORM[word]}).content == client.get(path).content


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (r"\*\*\w*request\.(data|GET|POST|query_params)", []),
        (r"\.extra\(|\.raw\(|RawSQL", []),
        (r"^\s*(import|from) (c?[pP]ickle|marshal|shelve|dill)\b", []),
        (r"(?<![.\w])(eval|exec)\(|yaml\.load\(", []),
        (r"mark_safe\(", ["drawing.py"]),  # a picture whose texts were escaped as it was drawn
    ],
)
def test_the_code_does_without(pattern: str, allowed: list[str]) -> None:
    """What turns a stranger's text into a query, an object, a program or a page."""
    assert SOURCES
    found = [path.name for path in SOURCES if re.search(pattern, path.read_text(), re.MULTILINE)]
    assert found == allowed
