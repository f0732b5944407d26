"""What processes have used, from `/proc`: CPU of a whole tree, ended children included, and memory."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
TICK = 1 / os.sysconf("SC_CLK_TCK")
PARENT = 1
UTIME, STIME, CUTIME, CSTIME = 11, 12, 13, 14
LOOK_SECONDS = 0.1
STILL_SHARE = 0.04  # of a core: what a server does for itself, timers and heartbeats, goes on


class Meter:
    """Processes and their descendants."""

    def __init__(self, *pids: int) -> None:
        self.pids = pids

    def cpu(self) -> float:
        """Return the seconds of CPU used so far, in user and in kernel mode."""
        ticks = 0
        for pid in self._tree():
            fields = _stat(pid)
            if fields:
                ticks += sum(int(fields[field]) for field in (UTIME, STIME, CUTIME, CSTIME))
        return ticks * TICK

    def memory(self) -> int:
        """Return the resident bytes of the processes."""
        pages = 0
        for pid in self._tree():
            try:
                pages += int((PROC / str(pid) / "statm").read_text().split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
        return pages * os.sysconf("SC_PAGE_SIZE")

    def wait_until_still(self, seconds: float, at_most: float) -> None:
        """Return once the processes have used next to no CPU for `seconds`, or after `at_most`."""
        end = time.monotonic() + at_most
        used, since = self.cpu(), time.monotonic()
        while time.monotonic() < end and time.monotonic() - since < seconds:
            time.sleep(LOOK_SECONDS)
            now = self.cpu()
            if now - used > STILL_SHARE * seconds:
                used, since = now, time.monotonic()

    def _tree(self) -> Iterator[int]:
        children: dict[int, list[int]] = {}
        for path in PROC.glob("[0-9]*"):
            fields = _stat(int(path.name))
            if fields:
                children.setdefault(int(fields[PARENT]), []).append(int(path.name))
        seen: set[int] = set()
        waiting = list(self.pids)
        while waiting:
            pid = waiting.pop()
            if pid not in seen:
                seen.add(pid)
                yield pid
                waiting += children.get(pid, [])


def machine_cpu() -> float:
    """Return the seconds of CPU that all processes of the machine have used since its start."""
    user, nice, system = (PROC / "stat").read_text().split(maxsplit=4)[1:4]
    return (int(user) + int(nice) + int(system)) * TICK


def parent_of(pid: int) -> int:
    """Return the id of a process's parent."""
    return int(_stat(pid)[PARENT])


def _stat(pid: int) -> list[str]:
    """Return a process's fields from its state on; none if it is gone. Its name may hold blanks and brackets."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
