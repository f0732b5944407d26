"""The one way from the event loop to the database: a bounded pool of threads, one call a command or a batch."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import close_old_connections, reset_queries

Args = ParamSpec("Args")
Result = TypeVar("Result")

_threads = ThreadPoolExecutor(settings.REALTIME_THREADS, thread_name_prefix="database")


async def database(function: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs) -> Result:
    """Run `function` in a thread and return its result. Who is cancelled waits for it: a thread can't be called off.

    The thread gives its connection back when it is done (plain `sync_to_async` keeps it: it never recovers from a
    restart of PostgreSQL, drains a pool, and puts all callers on one thread). channels' `database_sync_to_async` does
    the same, but copies the thread's context variables into the caller's task, 0.8 KB that a socket then keeps.
    """
    call = partial(_run, function, *args, **kwargs)
    running = asyncio.get_running_loop().run_in_executor(_threads, call)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


def waiting() -> int:
    """Return how many calls wait for a thread."""
    return _threads._work_queue.qsize()


def _run(function: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs) -> Result:
    close_old_connections()
    reset_queries()  # which DEBUG keeps, nine thousand a thread, and Django forgets for requests alone
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()
