"""Values as they are typed: `payment_id=p-1 accepted=true files=["a","b"]`."""

import json
from collections.abc import Sequence
from typing import Any


def values(pairs: Sequence[str]) -> dict[str, Any]:
    """Return values by name.

    Lists, truths and numbers are written as in JSON; anything else is a text, and so is money.
    """
    named = [pair.partition("=") for pair in pairs]
    return {name: _value(value) for name, _, value in named}


def _value(text: str) -> Any:
    return json.loads(text) if text in ("true", "false") or text.startswith("[") else text
