"""Many at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")

PATIENCE_SECONDS = 30.0


def at_once(jobs: Iterable[Callable[[], Result]]) -> list[Result]:
    """Start all jobs at the same moment, each in a thread with a connection of its own; return what they returned."""
    jobs = list(jobs)
    start = Barrier(len(jobs), timeout=PATIENCE_SECONDS)

    def run(job: Callable[[], Result]) -> Result:
        try:
            connection.ensure_connection()
            start.wait()
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))
