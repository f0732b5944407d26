"""`manage.py flows`: checks, draws, plays and describes without a database."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from flows.decoding import json_schema
from flows.mermaid import mermaid
from flows.pictures import svg
from tests.flows.players import SHIPPED, SMALL, bent


def run(*arguments: str) -> str:
    written = StringIO()
    call_command("flows", *arguments, stdout=written)
    return written.getvalue()


def saved(folder: Path, content: Any, name: str = "flow.json") -> str:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def test_check_has_nothing_to_complain_about(tmp_path: Path) -> None:
    assert run("check", "bid") == "bid: nothing to complain about, 3,418 configurations explored\n"
    assert json.loads(run("check", saved(tmp_path, SMALL), "--json"))["ok"] is True


def test_check_says_what_is_wrong_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow = saved(tmp_path, bent("states.asked.actions.0.to", "nowhere"))
    with pytest.raises(SystemExit) as exit_:
        call_command("flows", "check", flow)

    assert exit_.value.code == 1
    assert capsys.readouterr().out == (
        "error: states.asked.actions[0].to: There is no state 'nowhere'\n" + f"{flow}: 1 errors, 0 warnings\n"
    )


def test_check_fails_on_warnings_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("flows", "check", saved(tmp_path, bent("states.answered.timers.0.say", [])), "--json")

    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["path"], finding["severity"]) == ("states.answered.timers[0]", "warning")


@pytest.mark.parametrize("verb", ["check", "graph", "simulate"])
def test_it_says_what_it_cannot_read(verb: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.json is not a shipped flow"):
        run(verb, "nothing.json")
    with pytest.raises(CommandError, match="This is not JSON"):
        run(verb, saved(tmp_path, "{"))


def test_graph_says_why_it_cannot_draw(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="states: This field is required"):
        run("graph", saved(tmp_path, {}))


def test_graph_draws(tmp_path: Path) -> None:
    run("graph", "bid", "-o", str(tmp_path / "bid.svg"))

    assert (tmp_path / "bid.svg").read_text() == svg(SHIPPED["bid"])
    assert run("graph", "campaign", "--mermaid") == mermaid(SHIPPED["campaign"])


def test_schema_is_printed() -> None:
    assert json.loads(run("schema")) == json_schema()


STEPS = {
    "context": {"note": "hello"},
    "people": {"influencer": "Asha", "brand_owner": "Brewly"},
    "steps": [
        {"kind": "action", "role": "influencer", "id": "ask", "data": {"price": "9"}},
        {"kind": "action", "role": "influencer", "id": "ask", "data": {"price": "90"}},
        {"advance": "P3D"},
        {"kind": "action", "role": "brand_owner", "id": "agree"},
    ],
}


def test_simulate_plays_a_script(tmp_path: Path) -> None:
    written = run("simulate", saved(tmp_path, SMALL), "--script", saved(tmp_path, STEPS, "script.json"))

    assert written.splitlines() == [
        "start: asked (#1)",
        "  influencer   | What do you ask, Asha?  [buttons]",
        "  refused: invalid_input: Some answers are not valid.",
        "    price must be between 10 and 500",
        "action:ask: asked → answered (#2)",
        "  brand_owner  | Asha asks for ₹90.  [buttons]",
        "timer:remind: answered (#2)",
        "  influencer   | Still open.",
        "  brand_owner  | Still open.",
        "timer:expire: answered → late (#3)",
        "  refused: flow_ended: This conversation has ended.",
    ]


def test_simulate_prints_data(tmp_path: Path) -> None:
    script = saved(tmp_path, STEPS, "script.json")
    lines = [
        json.loads(line) for line in run("simulate", saved(tmp_path, SMALL), "--script", script, "--json").splitlines()
    ]

    assert [line.get("state", "refused") for line in lines] == [
        "asked",
        "refused",
        "answered",
        "answered",
        "late",
        "refused",
    ]
    assert lines[2]["messages"]["influencer"] == []
    assert lines[2]["messages"]["brand_owner"][0]["texts"] == {"en": "Asha asks for ₹90."}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ({"steps": [{"jump": 1}]}, "unknown field"),
        ({"context": {"price": "1"}}, "is not a start value"),
        ({"steps": [{"advance": "a day"}]}, "not a duration"),
        ("{", "script.json"),
    ],
)
def test_simulate_says_what_is_wrong_with_a_script(script: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=said):
        run("simulate", saved(tmp_path, SMALL), "--script", saved(tmp_path, script, "script.json"))


def test_simulate_is_played_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = "influencer ask price=90 day=2026-02-01\n\nhm\nwait P1D\nevent payment.failed\nforce asked\nquit\nnever\n"
    monkeypatch.setattr("sys.stdin", StringIO(typed))
    written = run("simulate", saved(tmp_path, SMALL))

    assert "[influencer ask price= day?=]  Ask" in written
    for line in (
        "action:ask: asked → answered (#2)",
        "What is that?",
        "timer:remind",
        "refused: ignored",
        "staff:force",
    ):
        assert line in written
