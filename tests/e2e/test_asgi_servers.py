"""The stories under servers that know nothing of prepared frames, and under ours without them."""

import pytest

from tests.e2e.conftest import Stage, Tell
from tests.e2e.servers import SERVE, serve

pytestmark = pytest.mark.slow

WAYS = ("plain", "uvicorn-websockets", "uvicorn-wsproto", "hypercorn", "granian")
STORIES = ("direct_messages", "authentication", "burst", "bad_input", "tabs", "hanging_up")


@pytest.mark.parametrize("way", WAYS)
def test_it_tells_the_same_stories(tell: Tell, stage: Stage, tokens: dict[str, str], way: str) -> None:
    command = SERVE if way == "plain" else ("-m", "tests.asgi_servers", way, "stoory.asgi:application", "0")
    env = stage.env | {"STOORY_FRAMES": "plain" if way == "plain" else "prepared"}
    with serve(env, stage.folder / f"{way}.log", command=command) as server:
        alone = Stage(env, [server], stage.cast, stage.folder)
        for story in STORIES:
            tell(story, on=alone, tokens=tokens)
