"""How often something is to go wrong, as text: `after_commit:0.01,mid_fanout:0.001`."""

from collections.abc import Iterable


def chances(text: str, known: Iterable[str]) -> dict[str, float]:
    """Return the chance of each named thing; raises `ValueError` for one that is not `known`, and for no chance."""
    found = {}
    for part in filter(None, text.split(",")):
        name, _, chance = part.partition(":")
        if name not in known:
            raise ValueError(f"{name} is none of {', '.join(known)}")
        found[name] = float(chance)
        if not 0 < found[name] <= 1:
            raise ValueError(f"{part}: a chance is above 0 and at most 1")
    return found
