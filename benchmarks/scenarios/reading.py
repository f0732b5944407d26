"""REST reads: a page of history, near and deep, and a page of the list of conversations."""

from typing import Any

from benchmarks.load import CheckFailedError
from benchmarks.options import Options
from benchmarks.scenarios.scenario import Figures, Scenario
from benchmarks.stage import MICRO, Stage
from benchmarks.subjects import BEST, OURS, token
from benchmarks.table import Row, at_most
from benchmarks.world import Talk, long_talk, many_talks

PAGE = 50
IN_FLIGHT = 4
WARM_UP = 300
DEEPEST = 1.2  # what the deepest page may cost, by what the newest does


def long_one(options: Options) -> Talk:
    return long_talk(max(options.depths) + PAGE)


def run_history(stage: Stage) -> Figures:
    talk = long_one(stage.options)
    found: Figures = {}
    for depth in stage.options.depths:
        path = f"/api/messages/conversations/{talk.id}/messages?{_window(stage.options, talk, depth)}"
        page = _read(stage, f"history/{depth}", talk.members[0], path, "messages", PAGE, found)
        places = [message["seq"] for message in page["messages"]]
        expected = list(range(talk.messages - depth - PAGE + 1, talk.messages - depth + 1))
        if places != expected:
            raise CheckFailedError(f"The page {depth} deep has {places[0]} to {places[-1]}")
    newest, deepest = (found[f"history/{depth}/cpu"] for depth in ends(stage.options))
    found["history/depth"] = deepest / newest if newest else 0.0
    return found


def _window(options: Options, talk: Talk, depth: int) -> str:
    if options.paging == "page":
        return f"page={depth // PAGE + 1}&limit={PAGE}"
    return f"before_seq={talk.messages - depth + 1}&limit={PAGE}"


def ends(options: Options) -> tuple[int, int]:
    return min(options.depths), max(options.depths)


def rows_of_history(options: Options) -> list[Row]:
    rows = []
    for depth in options.depths:
        scenario = f"history page of {PAGE}, {f'{depth:,} messages deep' if depth else 'newest'}"
        rows += _rows(scenario, f"history/{depth}")
    newest, deepest = ends(options)
    growth = f"CPU of server + PostgreSQL, {deepest:,} deep / {newest:,} deep"
    return [*rows, Row(f"history page of {PAGE}: depth", growth, "history/depth", (at_most(DEEPEST),))]


def run_list(stage: Stage) -> Figures:
    reader = many_talks(1)[0].members[0]
    path = f"/api/messages/conversations?limit={PAGE}"
    found: Figures = {}
    page = _read(stage, "list", reader, path, "conversations", PAGE, found)
    unread = sum(item["unread_count"] for item in page["conversations"])
    silent = [item["id"] for item in page["conversations"] if not item["last_message"]]
    if not unread or silent or page["pagination"]["total"] != stage.options.listed:
        raise CheckFailedError(f"The list has {page['pagination']}, {unread} unread, {len(silent)} without a message")
    return found


def rows_of_list(options: Options) -> list[Row]:
    return _rows(f"list of {PAGE} of {options.listed:,} conversations", "list")


def _read(stage: Stage, key: str, reader: str, path: str, items: str, rows: int, found: Figures) -> Any:
    asked = {
        "url": stage.server.url,
        "token": token(reader),
        "paths": [path],
        "inFlight": IN_FLIGHT,
        "key": items,
        "rows": rows,
    }
    stage.load.request(stage.options.seconds, count=min(WARM_UP, stage.options.requests), **asked)
    with stage.measured() as usage:
        answered = stage.load.request(stage.options.seconds, count=stage.options.requests, **asked)
    stage.loads.append(answered.load)
    found[f"{key}/server"] = usage.server / answered.answered * MICRO
    found[f"{key}/cpu"] = (usage.server + usage.postgres) / answered.answered * MICRO
    found[f"{key}/p99"] = answered.p99
    return answered.first[path]


def _rows(scenario: str, key: str) -> list[Row]:
    goal = (at_most(1, "best"),)
    return [
        Row(scenario, "CPU of server, µs a request", f"{key}/server", goal),
        Row(scenario, "CPU of server + PostgreSQL, µs a request", f"{key}/cpu", goal),
        Row(scenario, f"answer, ms, p99, {IN_FLIGHT} in flight", f"{key}/p99"),
    ]


HISTORY = Scenario(
    name="history",
    subjects=(OURS, BEST),
    talks=lambda options: [long_one(options)],
    run=run_history,
    rows=rows_of_history,
)
LIST = Scenario(
    name="list",
    subjects=(OURS, BEST),
    talks=lambda options: many_talks(options.listed),
    run=run_list,
    rows=rows_of_list,
)
