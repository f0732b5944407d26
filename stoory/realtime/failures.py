"""How often in a row an address has failed to authenticate: `reconnectAttempt` of seed 004."""

from collections import OrderedDict

REMEMBER_AT_MOST = 10_000


class Failures:
    """Counts by address, the longest untouched forgotten first."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, int] = OrderedDict()

    def count(self, address: str) -> int:
        """Note a failure and return which one in a row it is."""
        self._counts[address] = self._counts.get(address, 0) + 1
        self._counts.move_to_end(address)
        if len(self._counts) > REMEMBER_AT_MOST:
            self._counts.popitem(last=False)
        return self._counts[address]

    def forget(self, address: str) -> None:
        """Begin anew after a success."""
        self._counts.pop(address, None)
