"""The files around the code say what the code does."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def settings_read() -> dict[str, ast.Call]:
    """The calls `env.TYPE(NAME, …)` of settings.py by the name that they read."""
    calls: dict[str, ast.Call] = {}
    for node in ast.walk(ast.parse((ROOT / "stoory" / "settings.py").read_text())):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("env")), args=[ast.Constant(str(name)), *_]):
                calls[name] = node
    return calls


def settings_documented() -> dict[str, str]:
    example = (ROOT / ".env.example").read_text()
    return dict(re.findall(r"^# ([A-Z_]+)=(.*)$", example, re.MULTILINE))


def constant_default(call: ast.Call) -> str:
    """The default as one writes it in a .env file; empty if the code computes it."""
    match [keyword.value for keyword in call.keywords if keyword.arg == "default"]:
        case [ast.Constant(bool(value))]:
            return str(int(value))
        case [ast.Constant(value)]:
            return str(value)
    return ""


def test_the_example_environment_names_every_setting_and_no_other() -> None:
    assert sorted(settings_documented()) == sorted(settings_read())


def test_the_example_environment_gives_the_defaults() -> None:
    documented = settings_documented()
    defaults = {name: constant_default(call) for name, call in settings_read().items()}

    assert documented | {name: text for name, text in defaults.items() if text} == documented
