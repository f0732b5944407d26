"""What processes have used, descendants and ended children included."""

import os
import subprocess
import sys

from benchmarks.meters import Meter, machine_cpu, parent_of

WORK = "import os; [os.urandom(10**6) for _ in range(60)]; print(); input()"
PARENT = f"""
import subprocess, sys
with subprocess.Popen([sys.executable, "-c", {WORK!r}]):
    pass
print()
input()
"""


def test_it_counts_descendants_and_those_who_have_ended() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        meter = Meter(process.pid)
        process.stdout.readline()  # the child has worked
        of_both, memory = meter.cpu(), meter.memory()
        process.stdin.write("\n\n")
        process.stdin.flush()
        process.stdout.readline()  # the child has ended
        process.stdin.write("\n")

        assert of_both > 0.05
        assert meter.cpu() >= of_both
        assert meter.memory() < memory


def test_processes_that_are_named_twice_count_once() -> None:
    pid = os.getpid()

    assert Meter(pid, pid).memory() < 1.5 * Meter(pid).memory()


def test_the_machine_has_used_no_less_than_a_process() -> None:
    assert machine_cpu() >= Meter(os.getpid()).cpu()


def test_it_knows_whose_child_a_process_is() -> None:
    assert parent_of(os.getpid()) == os.getppid()


def test_a_process_that_is_gone_has_used_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()

    assert Meter(process.pid).cpu() == 0
    assert Meter(process.pid).memory() == 0
