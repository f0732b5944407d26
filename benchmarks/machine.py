"""Where a run took place: what has to be known to compare its figures with another's."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks.options import Options
from benchmarks.processes import HERE, pinned

PYTHON_PACKAGES = ("django", "python-socketio", "uvicorn", "uvloop", "psycopg", "channels-redis", "msgspec")
NODE_PACKAGES = ("socket.io", "pg", "express", "jsonwebtoken")


def machine() -> str:
    """Return the machine in a line."""
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores of {cpu[1] if cpu else platform.machine()}, {memory:.0f} GB, Linux {platform.release()}"


def versions(postgres: str) -> str:
    """Return the versions that matter in a line."""
    python = [f"{name} {version(name)}" for name in PYTHON_PACKAGES]
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return ", ".join(
        [f"Python {platform.python_version()}", *python, f"Node {node}", *_node_packages(), f"PostgreSQL {postgres}"]
    )


def _node_packages() -> Iterator[str]:
    for name in NODE_PACKAGES:
        package = json.loads((HERE / "node_modules" / name / "package.json").read_text())
        yield f"{name} {package['version']}"


def cores(options: Options) -> str:
    """Return who runs where."""
    if not (pinned(options.server_core) and pinned(options.load_core)):
        return "servers and load generator wherever the system put them"
    return f"servers on core {options.server_core}, load generator on core {options.load_core}, PostgreSQL on any"
