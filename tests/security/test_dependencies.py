"""What is installed is what was locked: every package by version and hash, and none older than its known faults.

Lists of known faults are on the network, so no test reads them: `FLOORS` are what was known when this was written.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("base", "dev")
NODE = ("clients", "benchmarks", "tests/e2e", "tests/browser")
PIN = re.compile(
    r"^([a-z0-9-]+)(?:\[[a-z,-]+\])?==([0-9][0-9a-z.]*) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)
WANTED = re.compile(r"^([A-Za-z][A-Za-z0-9-]*)", re.MULTILINE)
FLOORS = {
    "django": (5, 2, 19),  # header spoofing, SQL injection, limits of ASGI uploads
    "djangorestframework": (3, 15, 2),  # a script in the browsable API
    "djangorestframework-simplejwt": (5, 5, 1),  # tokens of deactivated users
    "pyjwt": (2, 12),  # unknown `crit` headers
    "python-engineio": (4, 13, 2),  # heartbeats without end
    "python-socketio": (5, 18, 1),  # pickled queues, attachments, events before the connect handler is done
    "channels": (3, 0, 3),  # sessions of others
}


def locked(name: str) -> dict[str, str]:
    """Return the versions that a lock file of pip's pins with hashes."""
    return {package: version for package, version, _ in PIN.findall(_text(f"requirements/{name}.txt"))}


def _text(path: str) -> str:
    return (ROOT / path).read_text()


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


@pytest.mark.parametrize("name", LOCKS)
def test_every_python_package_is_locked_by_hash(name: str) -> None:
    entries = [line for line in _text(f"requirements/{name}.txt").splitlines() if line[:1] not in ("", " ", "#")]
    assert len(entries) == len(locked(name)) > 10


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_asked_for_is_in_the_lock(name: str) -> None:
    wanted = {package.lower() for package in WANTED.findall(_text(f"requirements/{name}.in"))}
    assert wanted - set(locked(name)) == set()


def test_both_locks_agree() -> None:
    base, dev = locked("base"), locked("dev")
    assert {package: dev[package] for package in base if package in dev} == {
        package: version for package, version in base.items() if package in dev
    }


@pytest.mark.parametrize("folder", NODE)
def test_every_node_package_is_locked_by_hash(folder: str) -> None:
    lock: dict[str, Any] = json.loads(_text(f"{folder}/package-lock.json"))
    packages = {path: entry for path, entry in lock["packages"].items() if path}
    assert packages
    assert [path for path, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []


@pytest.mark.parametrize("folder", NODE)
def test_what_node_asks_for_is_one_version(folder: str) -> None:
    manifest: dict[str, Any] = json.loads(_text(f"{folder}/package.json"))
    wanted = {**manifest.get("dependencies", {}), **manifest.get("devDependencies", {})}
    assert wanted
    assert [
        name for name, version in wanted.items() if not re.fullmatch(r"(npm:[a-z.-]+@)?\d+\.\d+\.\d+", version)
    ] == []


def test_whoever_installs_checks_the_hashes() -> None:
    for path in ("Makefile", "Dockerfile"):
        lines = [line for line in _text(path).splitlines() if "pip install" in line]
        assert lines
        assert all("--require-hashes" in line for line in lines), path
    assert "npm install" not in _text("Makefile")


@pytest.mark.parametrize("package", FLOORS)
def test_known_faults_are_mended(package: str) -> None:
    assert numbers(locked("base")[package]) >= FLOORS[package]
