"""The cluster of the scenarios, their scale, and the seed that makes a failure come again.

CHAOS=full (`make chaos`) plays each scenario with its full numbers, CHAOS=long (`make chaos-long`) the long ones for
half an hour, CHAOS=soak (`make soak`) one for as long; else they are small, and run where there is a PostgreSQL to be
tested anyway. CHAOS_SEED=… plays the faults of another run.
"""

import os
import random
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.chaos.cluster import Cluster, cluster

HERE = Path(__file__).parent
GROUPS = 24
SIZES = {
    "small": (12, 4, 6),
    "full": (60, 20, 6),
    "long": (200, 60, 8),
    "soak": (60, 20, 6),
}  # people, channels, members of each
PRODUCTION = {"REPAIR_SECONDS": "5", "PRESENCE_GRACE_SECONDS": "5"}  # what the product does without being told

scenario = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.xdist_group("chaos"),
]
"""For all that plays on the one cluster, one after another."""

large = pytest.mark.skipif(os.environ.get("CHAOS", "") in ("", "small"), reason="takes minutes")
"""For what needs its full numbers, and is told in small ones elsewhere."""

Groups = Iterator[dict[str, Any]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs PostgreSQL where there is none: it takes a while to start one."""
    for item in items:
        if HERE in item.path.parents and item.get_closest_marker("postgres") and not _is_wanted():
            item.add_marker(pytest.mark.skip("needs PostgreSQL"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say which scenario begins, where they take minutes."""
    if os.environ.get("CHAOS") and item.get_closest_marker("slow"):
        _write(item.config, f"{item.name} …")


def _write(config: pytest.Config, line: str) -> None:
    reporter, capture = (
        config.pluginmanager.get_plugin("terminalreporter"),
        config.pluginmanager.get_plugin("capturemanager"),
    )
    if reporter is not None and capture is not None:
        with capture.global_and_fixture_disabled():
            reporter.ensure_newline()
            reporter.write_line(line)


def _is_wanted() -> bool:
    return bool(os.environ.get("DATABASE_URL") or os.environ.get("CHAOS"))


@pytest.fixture(scope="session")
def scale() -> str:
    """How large the scenarios are: small, full or long."""
    return os.environ.get("CHAOS", "") or "small"


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    """What decides when and where something goes wrong."""
    seed = os.environ.get("CHAOS_SEED") or str(random.randrange(10**9))
    request.node.add_report_section("setup", "seed", f"CHAOS_SEED={seed} plays it again")
    return random.Random(seed)


@pytest.fixture
def tell(request: pytest.FixtureRequest, scale: str) -> Callable[[str], None]:
    """Say a scenario's figures: in the report of a failure, and on the terminal at a larger scale."""

    def say(figures: str) -> None:
        request.node.add_report_section("call", "figures", figures)
        if scale != "small":
            _write(request.config, f"{request.node.name}: {figures}")

    return say


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(scale: str) -> AsyncIterator[tuple[Cluster, Groups]]:
    """Three servers, and groups of people yet to be taken."""
    async with cluster(PRODUCTION if scale != "small" else {}) as made:
        groups = await made.people(GROUPS, *SIZES[scale])
        await made.start()
        yield made, iter(groups)


@pytest_asyncio.fixture(loop_scope="session")
async def servers(running: tuple[Cluster, Groups]) -> Cluster:
    """The cluster, all well, whatever became of the scenario before."""
    await running[0].heal()
    return running[0]


@pytest.fixture
def group(running: tuple[Cluster, Groups]) -> dict[str, Any]:
    """People of this scenario's own."""
    return next(running[1])
