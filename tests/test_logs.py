"""One record, one line: what a client sends can't forge another, nor move the cursor of a terminal."""

import logging
import re

import pytest

from stoory.logs import LineFormatter


def line(message: str, *args: object) -> str:
    record = logging.LogRecord("stoory.test", logging.INFO, __file__, 1, message, args, None)
    return LineFormatter().format(record)


def test_a_line_says_when_how_bad_where_and_what() -> None:
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3} INFO    stoory\.test Hello alice", line("Hello %s", "alice")
    )


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("a\nb", r"a\nb"),
        ("a\r\nb", r"a\r\nb"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\x00", r"\x00"),
        ("\u2028", r"\u2028"),
        ("\u202e", r"\u202e"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_would_break_it_is_escaped(sent: str, written: str) -> None:
    assert line("%s", sent).endswith(f" stoory.test {written}")


def test_what_people_write_is_kept() -> None:
    assert line("%s", "Grüße 🙂 日本").endswith(" stoory.test Grüße 🙂 日本")


def test_a_line_can_always_be_written() -> None:
    assert line("%s", "".join(map(chr, range(0x110000, 0, -1000)[1:]))).encode()
