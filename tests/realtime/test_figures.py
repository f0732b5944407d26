"""What a server counts of what its sockets do."""

from typing import Any

from conversations.models import Conversation
from stoory import metrics
from stoory.accounts.models import User
from stoory.metrics import FIGURES
from stoory.realtime.application import Application
from tests.realtime.conftest import Open


async def test_a_conversation_is_counted(
    connect: Open, server: Application, alice: User, bob: User, charlie: User, direct: Conversation
) -> None:
    here, there, outside = await connect(alice, direct), await connect(bob, direct), await connect(charlie)
    send = {"conversationId": str(direct.pk), "text": "Hi", "tempId": "1"}
    assert (await here.emit("chat:send", send))["ok"]
    await there.expect("chat:new")
    assert (await outside.emit("chat:send", send))["error"]["code"] == "not_found"
    await outside.emit("no such\nevent", {})

    found = metrics.snapshot()
    assert found["stoory_connections"] == {"websocket": 3}
    assert found["stoory_sessions"] == {"chat": 3}
    assert found["stoory_connections_opened"] == {"websocket": 3}
    assert found["stoory_events"]["chat chat:send ok"] == 1
    assert found["stoory_events"]["chat chat:send not_found"] == 1
    assert found["stoory_events"]["chat other unknown_event"] == 1
    assert found["stoory_emits"]["chat:new"] == 1
    assert found["stoory_deliveries"]["chat:new"] == 2
    assert found["stoory_answer_seconds"]["send"]["count"] == 2
    assert found["stoory_lane_batch_size"]["sum"] == 2
    assert found["stoory_health"] == {"bus": 1.0, "lane": 1.0}
    assert set(found) <= set(FIGURES)


async def test_who_leaves_is_counted_with_the_reason(connect: Open, server: Application, alice: User) -> None:
    socket = await connect(alice)
    await socket.close()
    found = metrics.snapshot()
    assert found["stoory_connections_closed"] == {"transport close": 1}
    assert "stoory_connections" not in found


async def test_a_server_that_has_stopped_tells_nothing(transactional_db: None, server: Application) -> None:
    assert "stoory_users" in metrics.snapshot()
    await server.node.stop()
    assert "stoory_users" not in metrics.snapshot()


async def test_what_came_too_often_is_counted(limited: None, connect: Open, alice: User, direct: Conversation) -> None:
    socket = await connect(alice)
    answers: list[Any] = [await socket.emit("typing_start", {"conversationId": str(direct.pk)}) for _ in range(4)]
    assert answers[-1]["error"]["code"] == "rate_limited"
    assert metrics.snapshot()["stoory_rate_limited"] == {"typing": 1}


async def test_the_backlog_is_looked_at_now_and_then(server: Application) -> None:
    pulse = server.node.pulse
    await pulse._look()
    assert {name: value for name, value, _ in pulse.backlog} == {
        "stoory_timers_due": 0,
        "stoory_timers_late_seconds": 0,
        "stoory_effects_due": 0,
        "stoory_effects_late_seconds": 0,
        "stoory_campaign_events_due": 0,
        "stoory_campaign_events_late_seconds": 0,
        "stoory_effects_failed": 0,
    }
