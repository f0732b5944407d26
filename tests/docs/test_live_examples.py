"""The programs of the documents run: against a real server, with the real client."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import Mock

import pytest
from django.db import connections

from flows.ports import Deal
from flows.sandbox import Sandbox
from stoory import welcome
from stoory.accounts.models import User
from stoory.realtime.event_pages import snippet
from tests.docs.documents import DOCUMENTS, ROOT, blocks, marked, read
from tests.e2e.servers import demo, environment, fresh_database, serve

HERE = Path(__file__).resolve().parent
CLIENT = ROOT / "tests" / "e2e" / "node_modules"
SNIPPETS = ROOT / "stoory" / "playground" / "static" / "playground" / "snippets.js"
SHOWN_URL = "http://127.0.0.1:8000"
NODE_SECONDS = 40

# In one process, since starting one takes longer than either.
slow = pytest.mark.slow
one_server = pytest.mark.xdist_group("documents")


class Live(NamedTuple):
    """A running server and its demo data."""

    url: str
    cast: dict[str, Any]


@pytest.fixture(scope="module")
def live(worker_id: str, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One server: on PostgreSQL and Valkey where both are given, else on SQLite."""
    database_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    given = database_url if redis_url else ""
    folder = tmp_path_factory.mktemp("documents")
    with fresh_database(given, f"documents_{worker_id}", folder) as url:
        env = environment(url, redis_url if given else "")
        cast = demo(env, shared)
        with serve(env, folder / "server.log") as server:
            yield Live(server.url, cast)


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder in which the client is installed."""
    assert (CLIENT / "socket.io-client").exists(), "socket.io-client is missing: run `make setup`."
    (tmp_path / "node_modules").symlink_to(CLIENT)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    return tmp_path


def node(*arguments: str | Path, cwd: Path | None = None, **given: Any) -> str:
    """Run Node; return what it prints."""
    done = subprocess.run(
        ["node", *arguments],
        cwd=cwd,
        env={**os.environ, "STORY": json.dumps(given)},
        capture_output=True,
        text=True,
        timeout=NODE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@slow
@one_server
def test_the_first_chat_prints_what_the_readme_says(live: Live, workshop: Path) -> None:
    script = workshop / "chat.mjs"
    script.write_text(marked(read("README.md"), "run")["first chat"].text.replace(SHOWN_URL, live.url))

    assert node(script) == marked(read("README.md"), "output")["first chat"].text


@slow
@one_server
def test_the_recipes_keep_a_screen_complete(live: Live, workshop: Path) -> None:
    recipes = marked(read("docs/contracts.md"), "recipe")
    imports = 'import { io } from "socket.io-client";\n'
    (workshop / "recipes.js").write_text(imports + "\n".join(recipe.text for recipe in recipes.values()))
    (workshop / "recipes.mjs").write_text((HERE / "recipes.mjs").read_text())

    tokens = {name: user["token"] for name, user in live.cast["users"].items()}
    conversation_id = live.cast["conversations"]["private_channel"]
    said = node(workshop / "recipes.mjs", url=live.url, tokens=tokens, conversationId=conversation_id)
    assert said == "one, two, three, chat:read\n"


SAID = {
    "chat": "chat:new Hello Bob\nstored\n",
    "work": "work:updated brief_changed 2\n",
    "feed": "new_message Hello Bob\n",
    "messenger": "new_message Hello Bob\n",
    "workspace": "message:delivered SENT\nmessage:delivered DELIVERED\nmessage:created Hello Bob\n",
}


@slow
@one_server
@pytest.mark.parametrize("family", SAID)
def test_the_programs_of_the_page_of_events_run(live: Live, workshop: Path, family: str) -> None:
    assert marked(read(f"docs/contracts/{family}.md"), "run")["program"].text == snippet(family, SHOWN_URL)
    (workshop / "program.mjs").write_text(snippet(family, live.url))
    assert sorted(node(workshop / "program.mjs").splitlines()) == sorted(SAID[family].splitlines())


COPIES = """
import { LANGUAGES } from "%s";
const { url, frames } = JSON.parse(process.env.STORY);
globalThis.location = { origin: url };
const programs = ({ kind, ...frame }) =>
  Object.fromEntries(Object.entries(LANGUAGES[kind]).map(([language, write]) => [language, write(frame)]));
console.log(JSON.stringify(frames.map(programs)));
"""
GOOD = re.compile(r"""(ok|success)['"]?: ?true""", re.IGNORECASE)
RUNNERS: dict[str, Callable[[Path, str], str]] = {
    "JavaScript": lambda folder, text: node("--input-type=module", "-e", text, cwd=folder),
    "Python": lambda folder, text: output(sys.executable, "-c", text),
    "curl": lambda folder, text: output("bash", "-euc", text),
}


@slow
@one_server
def test_what_the_inspector_copies_runs(live: Live, workshop: Path) -> None:
    conversation = live.cast["conversations"]["direct"]
    said = {"conversation_id": conversation, "message": "It's a “copy”\nof two lines", "metadata": {"is": [True, None]}}
    frames: list[dict[str, Any]] = [
        {"kind": "socket", "family": "chat", "name": "chat:join", "payload": {"conversationId": conversation}},
        {"kind": "socket", "family": "feed", "name": "join_conversation", "payload": {"conversationId": conversation}},
        {"kind": "socket", "family": "workspace", "name": "channel:join", "payload": {"channelId": conversation}},
        {"kind": "rest", "name": "POST /api/messages", "payload": said, "headers": {"Idempotency-Key": "copied"}},
        {"kind": "rest", "name": "GET /api/messages/unread-count", "headers": {}},
    ]
    programs = json.loads(node("--input-type=module", "-e", COPIES % SNIPPETS.as_uri(), url=live.url, frames=frames))
    jobs = [(RUNNERS[language], text) for written in programs for language, text in written.items()]
    with ThreadPoolExecutor() as pool:
        answers = [*pool.map(lambda job: job[0](workshop, runnable(job[1], live)), jobs)]
    assert len(answers) == len(frames) * len(RUNNERS)
    assert [answer for answer in answers if not GOOD.search(answer)] == []


def runnable(text: str, live: Live) -> str:
    """A copy with a token; a program that listens hangs up at its end."""
    hangs_up = "\nsocket.close();" if "socket.onAny" in text else ""
    return text.replace("TOKEN", live.cast["users"]["alice"]["token"]) + hangs_up


@slow
@one_server
def test_the_quick_start_prints_what_it_says(live: Live) -> None:
    text = read("docs/quickstart.md")
    script = "".join(block.text for block in marked(text, "run").values()).replace(SHOWN_URL, live.url)
    assert output("bash", "-euc", script) == "".join(block.text for block in marked(text, "output").values())


@slow
@one_server
def test_events_are_signed_as_shown(live: Live, tmp_path: Path) -> None:
    examples = marked(read("docs/flows.md"), "run")
    shown = json.loads(marked(read("docs/flows.md"), "answer")["event"].text)
    conversation_id = live.cast["conversations"]["bid"]
    shown["results"][0]["conversation_id"] = conversation_id

    (tmp_path / "event.py").write_text(examples["event in python"].text.replace(SHOWN_URL, live.url))
    assert json.loads(output(sys.executable, tmp_path / "event.py", conversation_id)) == shown

    shown["results"][0]["replayed"] = True
    curl = f"CONVERSATION={conversation_id}\n" + examples["event in curl"].text.replace(SHOWN_URL, live.url)
    assert json.loads(output("bash", "-euc", curl)) == shown


def output(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=NODE_SECONDS, check=True).stdout


def test_a_provider_is_written_as_shown() -> None:
    written: dict[str, Any] = {}
    exec(compile(marked(read("docs/flows.md"), "run")["provider"].text, "docs/flows.md", "exec"), written)
    create_order = written["Escrow"](Mock(**{"order.return_value": "order-1"})).create_order

    assert signature(create_order).parameters.keys() == signature(Sandbox().escrow.create_order).parameters.keys()
    assert create_order(key="k", deal=Mock(spec=Deal, currency="INR"), agreed_amount="9.00") == {"order_id": "order-1"}


@slow
def test_all_javascript_is_well_formed(tmp_path: Path) -> None:
    scripts = [block.text for document in DOCUMENTS for block in blocks(document.read_text()) if block.language == "js"]

    assert scripts
    for number, text in enumerate(scripts):
        script = tmp_path / f"{number}.mjs"
        script.write_text(text)
        node("--check", script)


def test_the_server_says_what_the_readme_shows(
    system_user: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG, settings.REDIS_URL = True, ""
    monkeypatch.setattr(connections["default"], "display_name", "SQLite")
    shown = marked(read("README.md"), "output")["make run"].text.splitlines()
    steps = re.findall(r'^echo "(\[.+)"$', output("make", "--dry-run", "--always-make", "run"), re.MULTILINE)
    said = iter(steps + welcome.summary(SHOWN_URL).splitlines())

    for line in shown:
        assert line.strip() in ("", "…") or any(line == real for real in said), f"{line!r} is not said, or not then"
