"""`python -m benchmarks`: runs, prints one table, writes it down. Ends with 1 where a server did wrong."""

import signal
import sys
from time import monotonic

from benchmarks.options import parse
from benchmarks.report import as_json, document
from benchmarks.runner import run
from benchmarks.scenarios import SCENARIOS
from tests.services import ENDING_SIGNALS, end_by_signal


def main(arguments: list[str]) -> int:
    """Run the command line."""
    options = parse(arguments, list(SCENARIOS))
    began = monotonic()
    for ending in ENDING_SIGNALS:
        signal.signal(ending, end_by_signal)

    def tell(step: str) -> None:
        sys.stderr.write(f"{monotonic() - began:6.0f} s  {step}\n")
        sys.stderr.flush()

    outcome = run(options, tell)
    text = document(outcome, options)
    if options.results is not None:
        options.results.write_text(text)
        tell(f"written to {options.results}")
    sys.stdout.write(as_json(outcome, options) + "\n" if options.as_json else text)
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
