"""Each story of `stories/`, told over every transport; a failed one prints what was heard and what the servers said."""

import re

import pytest

from tests.e2e.conftest import Stage, Tell
from tests.e2e.servers import serve

DEVELOPMENT_SECRET = "development-secret-for-flow-events"  # what a server with DEBUG takes events by
pytestmark = pytest.mark.slow


def test_it_follows_the_direct_messages_guide(tell: Tell) -> None:
    tell("direct_messages")


def test_it_leaves_the_log_lines_of_the_debug_checklist(tell: Tell, stage: Stage) -> None:
    logged = tell("one_message")
    room = f"room:{stage.cast['conversations']['direct']}"
    users = stage.cast["users"]
    for line in (
        "User connected:",
        "authenticated",
        f"chat:join {room}",
        "[CHAT] saved message",
        "[EMIT] chat:ack",
        f"[EMIT] chat:new -> {room}",
        f"[EMIT] conversation_list_updated -> user_{users['alice']['id']}",
        f"[EMIT] conversation_list_updated -> user_{users['bob']['id']}",
    ):
        assert re.search(rf"{re.escape(line)}(\s|$)", logged, re.MULTILINE), f"No line {line!r} in:\n{logged}"


def test_it_follows_the_implementation_summary(tell: Tell) -> None:
    tell("implementation_summary")


def test_it_knows_who_is_there(tell: Tell, tokens: dict[str, str]) -> None:
    tell("authentication", tokens=tokens)


@pytest.mark.xdist_group("impatient")
def test_it_disconnects_who_does_not_authenticate_in_time(tell: Tell, impatient: Stage) -> None:
    tell("deadline", on=impatient)


def test_it_tells_who_asks_too_often(tell: Tell, strict: Stage) -> None:
    tell("limits", on=strict)


def test_it_tells_after_a_reconnection_what_was_missed(tell: Tell) -> None:
    tell("reconnection")


def test_it_keeps_the_order_of_a_burst(tell: Tell) -> None:
    tell("burst")


def test_it_stores_one_message_a_nonce(tell: Tell) -> None:
    tell("same_nonce")


def test_it_survives_bad_input(tell: Tell) -> None:
    tell("bad_input")


def test_it_keeps_an_outsider_out(tell: Tell) -> None:
    tell("outsider")


def test_it_leads_two_people_from_a_request_to_free_chat(tell: Tell) -> None:
    tell("guided", secret=DEVELOPMENT_SECRET)


def test_it_is_one_on_two_servers(tell: Tell) -> None:
    tell("two_servers")


def test_it_tells_every_tab(tell: Tell) -> None:
    tell("tabs")


def test_it_lets_go_of_who_hangs_up(tell: Tell) -> None:
    tell("hanging_up", seconds=15)


def test_it_stops_cleanly_under_its_clients(tell: Tell, stage: Stage) -> None:
    with serve(stage.env, stage.folder / "stopping.log") as server:
        tell("farewell", on=Stage(stage.env, [server], stage.cast, stage.folder), pid=server.process.pid)
