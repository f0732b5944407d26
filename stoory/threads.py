"""A request is answered in one thread."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponseBase]


def in_one_thread(answer: Answer) -> Answer:
    """Be the innermost middleware, which knows no `async`: then Django runs those around it in the view's thread too.

    Otherwise each of Django's own would go to a thread and back, twice a request: FIGURE.
    """
    return answer


in_one_thread.async_capable = False  # type: ignore[attr-defined]  # how Django asks a middleware
