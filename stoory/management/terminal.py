"""How commands show that they are at work: one line that changes on a terminal, and nothing anywhere else."""

from django.core.management.base import OutputWrapper

CLEAR = "\r\x1b[K"


class Progress:
    """A line on stderr that is written over; where nobody looks on, it is not written at all."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._is_seen = out.isatty()

    def show(self, line: str) -> None:
        """Have `line` in place of the one before."""
        if self._is_seen:
            self._out.write(f"{CLEAR}{line}", ending="")
            self._out.flush()

    def end(self) -> None:
        """Leave the terminal's line as if nothing had been there."""
        self.show("")
