"""What the documents point at is there: other documents, files, names in them, settings, verbs, routes, limits."""

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from stoory.documents.error_codes import MEANINGS
from stoory.errors import DomainError
from stoory.http import STATUS_OF
from stoory.realtime.contracts import CONTRACTS
from tests.docs.documents import DOCUMENTS, ROOT, anchors, in_code, prose, read, table
from tests.docs.requests import requests
from tests.test_tooling import settings_documented

FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}
DJANGOS_OWN = {"migrations", "management"}  # everybody knows what is in them
SOCKETS_ONLY = {"unknown_event"}
ANY_ID = "0197f3a1-5c00-7000-8000-00000000dead"

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@every_document
def test_it_links_to_what_exists(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(document.read_text())):
        if target.startswith("https://"):
            continue
        name, _, fragment = target.partition("#")
        linked = (document.parent / name).resolve() if name else document
        assert linked.exists(), f"{target} is not there"
        if fragment and linked.suffix == ".md":
            assert fragment in anchors(linked.read_text()), f"{target}: there is no such heading"


@every_document
def test_it_names_files_and_definitions_that_exist(document: Path) -> None:
    for reference in in_code(prose(document.read_text())):
        if reference.partition("/")[0] not in FOLDERS or not re.fullmatch(r"[\w./-]+(:\w+)?", reference):
            continue
        name, _, definition = reference.partition(":")
        path = ROOT / name
        if not name.startswith("var/"):
            assert path.exists(), f"{name} is not there"
        if definition:
            assert definition in definitions(path), f"{name} does not define {definition}"


def definitions(path: Path) -> set[str]:
    """The names that a module defines at its top level."""
    names = set()
    for node in ast.parse(path.read_text()).body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return names


def test_every_package_has_its_topic() -> None:
    layout = {name.rstrip("/") for name in in_code(prose(read("docs/architecture.md"))) if name.endswith("/")}
    applications = [path for path in ROOT.iterdir() if (path / "__init__.py").exists() and path.name != "tests"]
    packages = {path.parent.relative_to(ROOT) for top in applications for path in top.rglob("__init__.py")}

    missing = {str(package) for package in packages if not DJANGOS_OWN & set(package.parts)} - layout
    assert not missing, f"docs/architecture.md does not say what is in {missing}"


def test_every_setting_is_explained_with_its_default() -> None:
    documented = {in_code(name)[0]: default for name, default, _ in table(read("docs/operations.md"), "settings")}
    example = settings_documented()

    assert list(documented) == list(example)
    for name, default in example.items():
        if (default.isalnum() or name.startswith("LIMIT_")) and name not in (
            "DEBUG",
            "ENABLE_TEST_MESSAGE",
            "PLAYGROUND",
            "RATE_LIMITS",
            "WEBHOOK_PRIVATE_ADDRESSES",
        ):  # theirs depend on others
            assert documented[name] == default, f"{name} is {default} in .env.example"


def test_every_verb_of_make_is_explained() -> None:
    cells = [row[0] for row in table(read("docs/development.md"), "verbs")]
    documented = {verb.removeprefix("make ") for cell in cells for verb in in_code(cell)} - {"make"}

    assert documented == set(re.findall(r"^([a-z-]+):.*## ", read("Makefile"), re.MULTILINE))


@every_document
def test_it_uses_verbs_that_exist(document: Path) -> None:
    used = re.findall(r"(?:^|`| )make ([a-z-]+)(?=[`\s]|$)", "\n".join(commands(document.read_text())), re.MULTILINE)

    assert set(used) <= set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))


def commands(text: str) -> list[str]:
    """The lines of shell blocks, and what stands between backticks."""
    shell = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    return [*shell, *in_code(prose(text))]


def test_every_folder_of_tests_is_explained() -> None:
    documented = {name for row in table(read("docs/development.md"), "tests") for name in in_code(row[0])}
    folders = {f"tests/{path.name}/" for path in (ROOT / "tests").iterdir() if (path / "__init__.py").exists()}

    assert folders <= documented


def test_every_package_is_accounted_for() -> None:
    taken, _, _ = read("docs/decisions/0002-dependencies.md").lower().partition("## not taken")
    wanted = "\n".join(read(f"requirements/{name}.in") for name in ("base", "dev"))
    packages = re.findall(r"^[A-Za-z][\w-]*", wanted, re.MULTILINE)

    assert packages
    missing = [package for package in packages if package.lower() not in taken]
    assert not missing, f"docs/decisions/0002-dependencies.md does not say what {missing} are for"


def test_every_decision_is_listed() -> None:
    index = read("docs/decisions/README.md")
    decisions = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))

    for number, path in enumerate(decisions, 1):
        title = path.read_text().splitlines()[0]
        assert title.startswith(f"# {number:04}: ")
        assert f"| [{number:04}]({path.name}) | {title[8:]} |" in index


def test_every_limit_is_the_one_in_force() -> None:
    for what, limit, _, place in table(read("docs/contracts.md"), "limits"):
        for reference in in_code(place):
            module, _, name = reference.rpartition(".")
            numbers = [text.replace(",", "") for text in re.findall(r"\d[\d,]*", limit)]
            assert f"{getattr(import_module(module), name):g}" in {f"{float(n):g}" for n in numbers}, what


def test_every_rate_is_the_default() -> None:
    rows = table(read("docs/contracts.md"), "rates")
    told = {name: f"{then.split()[0]}/s burst {once}" for _, names, once, then in rows for name in in_code(names)}
    routes = {name: route.limit for contract in CONTRACTS for name, route in contract.inbound.items()}

    assert told == {
        name: settings_documented()[f"LIMIT_{limit.upper()}"] for name, limit in routes.items() if limit != "other"
    }


def test_every_error_code_is_explained() -> None:
    assert documented_codes() == {error.code for error in errors()}


def test_every_error_code_means_what_all_documents_say() -> None:
    rows = table(read("docs/contracts.md"), "error codes")
    told = {in_code(code)[0]: re.sub(r"\[(.+?)\]\(#[a-z-]+\)", r"\1", meaning) for code, meaning in rows}
    assert told == MEANINGS


def test_every_error_code_has_its_status() -> None:
    statuses = table(read("docs/rest.md"), "statuses")
    documented = {code: int(status) for status, codes in statuses for code in in_code(codes)}

    assert documented == {code: STATUS_OF.get(code, 400) for code in documented_codes() - SOCKETS_ONLY}


def documented_codes() -> set[str]:
    return {in_code(row[0])[0] for row in table(read("docs/contracts.md"), "error codes")}


def errors(kind: type[DomainError] = DomainError) -> list[type[DomainError]]:
    """The product's errors; other tests may define some of their own."""
    below = [error for child in kind.__subclasses__() for error in errors(child)]
    return [error for error in (kind, *below) if not error.__module__.startswith("tests.")]


def test_every_route_is_explained() -> None:
    text = read("docs/rest.md")
    listed = [path for reference in in_code(prose(text)) for path in re.findall(r"^[A-Z]+ (/\S*)", reference)]
    paths = [path.replace("<id>", ANY_ID) for path in listed] + [request.path for request in requests(text)]
    known = {resolve(path.partition("?")[0]).url_name for path in paths if not path.endswith("z")}

    assert route_names(get_resolver()) <= known


def route_names(resolver: Any) -> set[str]:
    """The names of the routes below, those of the admin and of the login page excepted."""
    names: set[str] = set()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            names.add(str(pattern.name))
        elif isinstance(pattern, URLResolver) and pattern.namespace is None:
            names |= route_names(pattern)
    return names


def test_every_guarantee_names_its_tests() -> None:
    rows = table(read("docs/guarantees.md"), "guarantees")

    assert rows
    assert all(in_code(tests) for _, tests in rows)
