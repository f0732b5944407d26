"""A provider that does as it is asked, and takes the worker with it before it can write that down."""

import os
import signal
from typing import Any

from flows.ports import Receipt
from flows.sandbox import Sandbox, SandboxEscrow


class DyingEscrow(SandboxEscrow):
    """Calls go through; answers don't arrive."""

    def hold(self, **call: Any) -> Receipt:
        super().hold(**call)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("Nobody gets here.")


class Dying(Sandbox):
    """The sandbox, but for its escrow."""

    escrow = DyingEscrow()
