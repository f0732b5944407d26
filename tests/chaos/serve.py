"""`manage.py serve` with faults built in: `python -m tests.chaos.serve --port 0`.

From the environment: CRASH_AT (`tests.chaos.crashes`), BUS_FAULTS (`tests.chaos.layer`), CLOCK_SKEW in seconds by
which this server's clock is wrong, and CHAOS_SEED. On SIGUSR1 it tells what it holds, and as it leaves when it closes
sockets (`tests.chaos.insides`).
"""

import os
import signal
import sys
from datetime import timedelta

import django

from stoory import times

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.chaos.settings"
_right_now = times.utc_now
_skew = timedelta(seconds=float(os.environ.get("CLOCK_SKEW", "0")))
times.utc_now = lambda: _right_now() + _skew  # before anything else imports it
django.setup()

from tests.chaos import crashes, insides  # noqa: E402  # they need the app registry

if "CRASH_AT" in os.environ:
    crashes.install(os.environ["CRASH_AT"], os.environ.get("CHAOS_SEED"))  # before the server is put together

from django.core.management import execute_from_command_line  # noqa: E402

from stoory.asgi import application  # noqa: E402

if __name__ == "__main__":
    insides.tell_of_farewells()
    signal.signal(signal.SIGUSR1, lambda *_: insides.tell(application.node))
    execute_from_command_line(["manage.py", "serve", *sys.argv[1:]])
