"""Every figure is explained, and what deploy/ draws and watches is one of them."""

import json
import re
from typing import Any

import pytest

from stoory.metrics import FIGURES
from tests.docs.documents import in_code, read, table

PARTS = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}
OF_THE_PROCESS = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"}


def test_every_figure_is_explained() -> None:
    rows = table(read("docs/operations.md"), "figures")
    suffixed = {f"{name}_total" if figure.kind == "counter" else name: figure for name, figure in FIGURES.items()}
    assert {in_code(name)[0]: in_code(labels) for name, labels, _ in rows} == {
        name: list(figure.labels) for name, figure in suffixed.items()
    }
    assert all(meaning for _, _, meaning in rows)


def exposed() -> set[str]:
    return OF_THE_PROCESS | {f"{name}{part}" for name, figure in FIGURES.items() for part in PARTS[figure.kind]}


def selected(expression: str) -> dict[str, set[str]]:
    """The figures in an expression, and the labels by which they are selected."""
    found: dict[str, set[str]] = {}
    for name, braces in re.findall(r"\b((?:stoory|process)_\w+)(\{[^}]*\})?", expression):
        found.setdefault(name, set()).update(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", braces))
    return found


def check(expression: str) -> None:
    for name, labels in selected(expression).items():
        assert name in exposed(), f"{name} in {expression}"
        figure = FIGURES.get(re.sub(r"_(total|bucket|count|sum)$", "", name)) or FIGURES.get(name)
        assert labels <= {"instance", "job", *(figure.labels if figure else ())}, expression


def alerts() -> list[str]:
    return re.findall(r"^ +- alert: (\w+)$", read("deploy/alerts.yml"), re.MULTILINE)


@pytest.mark.parametrize("expression", re.findall(r"^ +expr: (.+)$", read("deploy/alerts.yml"), re.MULTILINE))
def test_alerts_watch_figures_that_exist(expression: str) -> None:
    assert selected(expression) or expression.startswith("up{")
    check(expression)


def test_every_alert_says_what_to_do() -> None:
    documented = [in_code(name)[0] for name, *_ in table(read("docs/operations.md"), "alerts")]
    assert documented == alerts()


def test_the_dashboard_draws_figures_that_exist() -> None:
    dashboard: Any = json.loads(read("deploy/grafana/stoory.json"))
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    for expression in expressions:
        assert selected(expression)
        check(expression)
