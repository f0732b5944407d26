"""The stories under servers that know nothing of prepared frames, and under ours without them."""

import pytest

from tests.e2e.conftest import Stage, Tell
from tests.e2e.servers import SERVE, serve

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.timeout(180)]

WAYS = ("plain", "uvicorn-websockets", "uvicorn-wsproto", "hypercorn", "granian")
STORIES = ("direct_messages", "burst", "bad_input", "hanging_up")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "transport", ["upgrade"]
)  # it polls first, and then has a WebSocket; tests/conformance/ has the rest
def test_it_tells_the_same_stories(tell: Tell, stage: Stage, way: str) -> None:
    command = SERVE if way == "plain" else ("-m", "tests.asgi_servers", way, "stoory.asgi:application", "0")
    env = stage.env | {"STOORY_FRAMES": "plain" if way == "plain" else "prepared"}
    with serve(env, stage.folder / f"{way}.log", command=command) as server:
        alone = Stage(env, [server], stage.cast, stage.folder)
        for story in STORIES:
            tell(story, on=alone, lingering=True)
