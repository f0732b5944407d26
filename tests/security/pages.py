"""What a page would have a browser run or load, and whether its own policy lets it."""

from html.parser import HTMLParser
from typing import Any

from stoory.csp import ENFORCED


def policy(response: Any) -> dict[str, list[str]]:
    """Return the sources of each directive of an answer."""
    directives: list[list[str]] = [text.split() for text in response.get(ENFORCED, "").split(";") if text.strip()]
    return {name: sources for name, *sources in directives}


class Embedded(HTMLParser):
    """Collects inline scripts and styles, handlers, and what comes from elsewhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.strangers: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        text = self.get_starttag_text() or tag
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.scripts.append(text)
        if any(name.startswith("on") for name in given) or any(
            value.strip().lower().startswith("javascript:") for value in given.values()
        ):
            self.scripts.append(text)
        if tag == "style" or "style" in given:
            self.styles.append(text)
        if tag in ("script", "link", "img", "iframe", "source", "audio", "video"):
            source = given.get("src", given.get("href", ""))
            if "//" in source:
                self.strangers.append(text)


def blocked(response: Any) -> list[str]:
    """Return the parts of a page that a browser would not let do what they are there for."""
    embedded, sources = Embedded(response.content.decode()), policy(response)
    styles = sources.get("style-src", sources["default-src"])
    parts = [*embedded.scripts, *embedded.strangers]
    return parts if "'unsafe-inline'" in styles else [*parts, *embedded.styles]
