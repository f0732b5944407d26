"""A run as a document, and as JSON."""

from datetime import UTC, datetime

import msgspec

from benchmarks.machine import cores, machine, versions
from benchmarks.options import Options
from benchmarks.runner import Outcome
from benchmarks.table import is_met, render

NOT_SAID = ("only", "settings", "as_json", "results", "is_quick", "settle", "server_core", "load_core")


def document(outcome: Outcome, options: Options) -> str:
    """Return the results as Markdown."""
    return "\n".join(
        [
            "# Results",
            "",
            f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}. [README.md](README.md) says how to read it.",
            "",
            f"- Machine: {machine()}; {cores(options)}.",
            f"- Versions: {versions(outcome.postgres)}.",
            f"- PostgreSQL: {', '.join(f'{name}={value}' for name, value in outcome.durability.items())}.",
            f"- Measured: {_measured(options)}.",
            f"- Settings of ours besides the benchmark's: {_settings(options)}.",
            *_warnings(outcome, options),
            "",
            render(outcome.samples, outcome.rows).rstrip("\n"),
            "",
            summary(outcome),
            "",
        ]
    )


def summary(outcome: Outcome) -> str:
    """Return how many goals are met."""
    goals = [(row.key, goal) for row in outcome.rows for goal in row.goals]
    met = sum(is_met(outcome.samples, key, goal) for key, goal in goals)
    return f"{met} of {len(goals)} goals are met."


def as_json(outcome: Outcome, options: Options) -> str:
    """Return everything that was measured."""
    content = {
        "options": options,
        "machine": machine(),
        "versions": versions(outcome.postgres),
        "durability": outcome.durability,
        "samples": outcome.samples.values,
        "faults": outcome.faults,
        "busy": outcome.busy,
        "strangers": outcome.strangers,
    }
    return msgspec.json.format(msgspec.json.encode(content, enc_hook=str)).decode()


def _measured(options: Options) -> str:
    fields = {name: getattr(options, name) for name in options.__struct_fields__ if name not in NOT_SAID}
    return ", ".join(f"{name} {_value(value)}" for name, value in fields.items())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "+".join(f"{share} {name}" for name, share in value.items())
    return "/".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _settings(options: Options) -> str:
    return ", ".join(f"{name}={value}" for name, value in options.settings.items()) or "none"


def _warnings(outcome: Outcome, options: Options) -> list[str]:
    """Return what makes the figures worth less."""
    warnings = [f"- **Wrong**: {fault}" for fault in outcome.faults]
    warnings += [f"- **The load generator was busy**, {who}: the server may be faster." for who in outcome.busy]
    if others := outcome.strangers:
        warnings.append(f"- **Other programs ran** in {len(others)} turns, and took up to {max(others):.0%} of a core.")
    if "off" in (outcome.durability["fsync"], outcome.durability["synchronous_commit"]):
        warnings.append("- **Not durable**: PostgreSQL does not wait for its disk.")
    if options.is_quick:
        warnings.append("- **A quick run**: it shows that everything runs, and its figures mean nothing.")
    return warnings
