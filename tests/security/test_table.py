"""SECURITY.md names tests that exist, and leaves no threat without one."""

import re

from tests.docs.documents import ROOT, in_code, read, table
from tests.docs.test_references import definitions

ROWS = table(read("SECURITY.md"), "threats")


def test_every_threat_has_its_row() -> None:
    assert [row[0] for row in ROWS] == [f"S{number}" for number in range(1, 29)]


def test_every_test_is_there() -> None:
    for row in ROWS:
        tests = in_code(row[3])
        assert tests, row[0]
        for name in tests:
            path, _, function = name.partition(":")
            assert (ROOT / path).exists(), name
            assert not function or function in definitions(ROOT / path), name


def test_every_test_of_attacks_is_named() -> None:
    named = set(re.findall(r"tests/security/(test_\w+\.py)", read("SECURITY.md")))
    found = {path.name for path in (ROOT / "tests" / "security").glob("test_*.py")}
    assert found - named == {"test_table.py"}
