"""Workers in processes of their own, on the database of the test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings as django_settings
from django.db import connection

from tests.e2e.servers import ROOT, Environment, environment

SECONDS = 40.0
OF_THIS_TEST = {"BUS_KEY": django_settings.BUS_KEY, "REDIS_PREFIX": django_settings.REDIS_PREFIX}


def here(**settings: str) -> Environment:
    """Return the environment of a process that shares the database of this test, and its bus."""
    database = connection.settings_dict
    if connection.vendor == "postgresql":
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    else:
        url = f"sqlite:///{database['NAME']}"
    return environment(url, os.environ.get("REDIS_URL", ""), **OF_THIS_TEST, **settings)


def manage(env: Environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a management command to its end, whatever that is."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)


@contextmanager
def process(env: Environment, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a management command, which is yielded with what it says when it is ready, and killed at the end."""
    command = [sys.executable, "manage.py", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stdout is not None
            yield running, running.stdout.readline().strip().removeprefix("Listening on ")
        finally:
            if running.poll() is None:
                running.kill()


@contextmanager
def worker(env: Environment) -> Iterator[subprocess.Popen[str]]:
    """Run a worker, which is yielded once it works."""
    with process(env, "worker") as (running, said):
        assert said == "Working until Ctrl-C."
        yield running
