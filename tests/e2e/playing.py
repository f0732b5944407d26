"""Stories are told by Node: one process each, which gets what it needs as JSON in `STORY`."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def play(
    story: Path, given: dict[str, Any], seconds: float, options: Sequence[str] = (), **environment: str
) -> str | None:
    """Return what a story said, if it failed."""
    told = {**os.environ, **environment, "STORY": json.dumps(given)}
    with subprocess.Popen(
        ["node", "--test-reporter=spec", *options, str(story)],
        env=told,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            return f"{said}\nThe story did not end within {seconds:.0f} s."
    return said if process.returncode else None
