"""Start a server for a protocol's suite: `python -m tests.conformance.serve --suite engineio|socketio --port N`.

It runs the product's classes with the handlers and timings that the official suites ask for. `--server` chooses another
ASGI server than ours; port 0 takes a free one. It prints where it listens, and stops at SIGTERM or Ctrl-C.
"""

import asyncio
import os
from argparse import ArgumentParser
from importlib import import_module

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ["AUTH_DEADLINE_SECONDS"] = "1"
os.environ.setdefault("LOG_LEVEL", "WARNING")


def main() -> None:
    """Serve until told to stop."""
    import_module("django").setup()
    servers = import_module("tests.asgi_servers")
    echo = import_module("tests.conformance.echo")

    parser = ArgumentParser(prog="python -m tests.conformance.serve")
    parser.add_argument("--suite", choices=("engineio", "socketio"), required=True)
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--server", choices=servers.SERVERS, default="uvicorn")
    options = parser.parse_args()
    asyncio.run(servers.serve(options.server, getattr(echo, options.suite)(), options.port))


if __name__ == "__main__":
    main()
