"""What must work for this server to be given traffic."""

from collections.abc import Callable

from django.db import connection

Check = Callable[[], bool]

_checks: dict[str, Check] = {}


def watch(name: str, check: Check) -> None:
    """Have `check` asked whenever readiness is."""
    _checks[name] = check


def forget(name: str) -> None:
    """Stop asking."""
    _checks.pop(name, None)


def readiness() -> dict[str, bool]:
    """Return each part and whether it works."""
    return {"database": _is_database_up()} | {name: check() for name, check in _checks.items()}


def _is_database_up() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # whatever is wrong with it, the answer is no
        return False
    return True
