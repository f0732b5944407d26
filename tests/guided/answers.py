"""What somebody types into the inputs of a button, whichever they are: the first thing that each takes."""

from typing import Any

TEXTS = {"url": "https://example.org/reel", "email": "bob@example.org", "handle": "@bob"}


def answers_to(button: dict[str, Any]) -> dict[str, Any]:
    """Return an answer to every input that a button shows."""
    return {field["id"]: _answer(field) for field in button["inputs"]}


def _answer(field: dict[str, Any]) -> Any:
    match field["type"]:
        case "money" | "date" | "number":
            return field["min"]
        case "text":
            return TEXTS.get(field.get("format", "plain"), f"The {field['id']} in ten characters or more")
        case "choice":
            first = field["options"][0]["value"]
            return [first] if field["multiple"] else first
        case "file":
            return ["file-1"]
    return True
