"""One record, one line: what a client sends can't forge another, nor move the cursor of a terminal."""

import json
import logging
import re
from typing import Any, Literal

import pytest

from stoory import logs

TEXT_LINE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO    stoory\.test "


def written(form: Literal["text", "json"], message: str, *args: object, fault: Any = None, **fields: object) -> str:
    record = logging.LogRecord("stoory.test", logging.INFO, __file__, 1, message, args, fault)
    record.__dict__.update(fields)
    return logs.formatter(form).format(record)


def line(message: str, *args: object, **fields: object) -> str:
    return written("text", message, *args, **fields)


def as_json(message: str, *args: object, **fields: object) -> Any:
    return json.loads(written("json", message, *args, **fields))


def fault(message: str) -> Any:
    error = ValueError(message)
    return type(error), error, None


def test_a_line_says_when_how_bad_where_and_what() -> None:
    assert re.fullmatch(f"{TEXT_LINE}Hello alice", line("Hello %s", "alice"))


def test_fields_stand_behind_the_words() -> None:
    assert line("Hi", user_id="u1", seq=3).endswith(" stoory.test Hi user_id=u1 seq=3")


def test_json_has_the_same_in_names() -> None:
    found = as_json("Hello %s", "alice", user_id="u1", seq=3)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found.pop("time"))
    assert found == {"level": "info", "logger": "stoory.test", "event": "Hello alice", "user_id": "u1", "seq": 3}


def test_work_gives_its_lines_what_it_is_about() -> None:
    with logs.bound(request_id="r1"):
        with logs.bound(user_id="u1"):
            assert line("Hi").endswith(" Hi request_id=r1 user_id=u1")
        assert line("Hi").endswith(" Hi request_id=r1")
    assert line("Hi").endswith(" Hi")


def test_objects_that_a_library_passes_along_are_no_fields() -> None:
    assert as_json("Not Found", request=object(), status_code=404)["status_code"] == 404
    assert "request" not in as_json("Not Found", request=object())


@pytest.mark.parametrize(
    ("sent", "shown"),
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
def test_what_would_break_it_is_escaped(sent: str, shown: str) -> None:
    assert line("%s", sent).endswith(f" stoory.test {shown}")
    assert line("Hi", path=sent).endswith(f" Hi path={shown}")
    assert as_json("%s", sent, path=sent)["event"] == sent
    assert written("json", "%s", sent, path=sent).isprintable()


def test_a_field_can_not_pass_for_two() -> None:
    assert line("Hi", path="a user_id=staff").endswith(' Hi path="a user_id=staff"')


def test_a_traceback_can_not_pass_for_a_line() -> None:
    text = line("It failed", fault=fault("x\n2026-01-01T00:00:00.000Z INFO    stoory.auth staff logged in\x1b[2J"))
    first, *rest = text.splitlines()
    assert first.endswith("It failed")
    assert rest
    assert all(later.startswith("    ") and later.isprintable() for later in rest)
    assert as_json("It failed", fault=fault("x"))["exception"] == "ValueError: x"


def test_what_people_write_is_kept() -> None:
    assert line("%s", "Grüße 🙂 日本").endswith(" stoory.test Grüße 🙂 日本")
    assert as_json("%s", "Grüße 🙂 日本")["event"] == "Grüße 🙂 日本"


def test_a_line_can_always_be_written() -> None:
    everything = "".join(map(chr, range(0x110000, 0, -1000)[1:]))
    assert line("%s", everything).encode()
    assert written("json", "%s", everything).encode()


def test_a_connection_is_named_without_its_id() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", logs.alias("a secret"))
    assert logs.alias("a secret") == logs.alias("a secret") != logs.alias("another")
