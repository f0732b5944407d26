"""The one way from the event loop to the database: a bounded pool of threads, one call a command or a batch."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.conf import settings

Args = ParamSpec("Args")
Result = TypeVar("Result")

_threads = ThreadPoolExecutor(settings.REALTIME_THREADS, thread_name_prefix="database")


async def database(function: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs) -> Result:
    """Run `function` in a thread and return its result.

    The thread gives its connection back when it is done (plain `sync_to_async` keeps it: it never recovers from a
    restart of PostgreSQL, drains a pool, and puts all callers on one thread).
    """
    call = database_sync_to_async(function, thread_sensitive=False, executor=_threads)
    result: Result = await call(*args, **kwargs)
    return result
