"""The typed client is what the compiler accepts, and does what it says."""

import subprocess
from pathlib import Path

import pytest

from tests.docs.documents import ROOT, marked, read
from tests.e2e.conftest import Tell

CLIENTS = ROOT / "clients"
COMPILER = CLIENTS / "node_modules" / ".bin" / "tsc"
MISUSES = """
import { Chat } from "./index.js";
const chat = new Chat({ url: "", token: () => "" });
// @ts-expect-error there is no such event
chat.on("chat:nonsense", () => undefined);
// @ts-expect-error the text is none
void chat.send({ conversationId: "c", text: 5 });
// @ts-expect-error a conversation is missing
void chat.ask("chat:join", {});
// @ts-expect-error no such key in the acknowledgement
void chat.ask("chat:join", { conversationId: "c" }).then((joined) => joined.nonsense);
chat.on("chat:new", ({ message }) => message.seq.toFixed());
"""

pytestmark = pytest.mark.slow


def compiled(folder: Path, **files: str) -> str:
    """Compile the client, with more files beside its own, into `folder`; return what the compiler says."""
    assert COMPILER.exists(), "typescript is missing: run `make setup`."
    (folder / "node_modules").symlink_to(CLIENTS / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text((CLIENTS / "ts" / "tsconfig.json").read_text())
    (folder / "src").mkdir()
    for source in (CLIENTS / "ts" / "src").glob("*.ts"):
        (folder / "src" / source.name).write_text(source.read_text())
    for name, text in files.items():
        (folder / "src" / f"{name}.ts").write_text(text)
    return subprocess.run([COMPILER, "-p", folder], capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("transport", ["upgrade"], indirect=True)
def test_it_follows_without_loss(tell: Tell, tmp_path: Path) -> None:
    assert compiled(tmp_path) == ""
    tell("typed_client", client=(tmp_path / "dist" / "index.js").as_uri())


def test_it_is_used_as_shown(tmp_path: Path) -> None:
    assert compiled(tmp_path, shown=marked(read("docs/concepts.md"), "run")["typed client"].text) == ""


def test_the_compiler_finds_what_is_wrong(tmp_path: Path) -> None:
    assert compiled(tmp_path, misuses=MISUSES) == ""
