"""What becomes of the users of a server that is killed."""

import json
import signal

import pytest

from tests.e2e.conftest import Stage, Tell
from tests.e2e.servers import manage, serve

pytestmark = pytest.mark.slow

MAKE_DORA = """
import json
from stoory.accounts.models import User
from stoory.auth import issue_token
dora, _ = User.objects.get_or_create(username="dora")
print(json.dumps({"id": dora.pk, "token": issue_token(dora)["token"]}))
"""


@pytest.mark.parametrize("transport", ["websocket"], indirect=True)
def test_its_users_go_offline(tell: Tell, stage: Stage) -> None:
    if len(stage.servers) < 2:
        pytest.skip("needs servers that survive, and a bus between them")
    dora = json.loads(manage(stage.env, "shell", "-v", "0", "-c", MAKE_DORA))
    with serve(stage.env, stage.folder / "killed.log", ends=[-signal.SIGKILL]) as doomed:
        cast = Stage(stage.env, [*stage.servers, doomed], stage.cast, stage.folder)
        tell("killed_server", on=cast, seconds=45, pid=doomed.process.pid, tokens={"dora": dora})
