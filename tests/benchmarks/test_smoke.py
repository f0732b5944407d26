"""One tiny round of everything, on real servers: whether it runs and checks out, not how fast."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.options import parse
from benchmarks.processes import HERE
from benchmarks.scenarios import SCENARIOS

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def installed() -> None:
    """Skip without PostgreSQL; fail without the packages of the Node servers."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        pytest.skip("needs PostgreSQL")
    assert (HERE / "node_modules" / "socket.io").exists(), "socket.io is missing: run `make setup`."


def test_every_scenario_runs_and_every_row_has_its_figures(tmp_path: Path) -> None:
    results = tmp_path / "results.md"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json", "--results", str(results)]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr + results.read_text() if results.exists() else done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["faults"] == []
    samples = outcome["samples"]
    assert all(samples[key]["ours"] for key in keys() if not _is_by_nothing(key, samples))
    assert "goals are met" in results.read_text()


def _is_by_nothing(key: str, samples: dict[str, Any]) -> bool:
    """Return whether a figure would be a ratio to one that was too small to be measured in so short a round."""
    what, _, figure = key.rpartition("/")
    fewest = min(parse(["--quick"], list(SCENARIOS)).connections)
    return figure == "growth" and not any(samples[f"{what}/{fewest}/server"]["ours"])


def keys() -> set[str]:
    """The keys of all rows of a quick run."""
    options = parse(["--quick"], list(SCENARIOS))
    return {row.key for scenario in SCENARIOS.values() for row in scenario.rows(options)}
