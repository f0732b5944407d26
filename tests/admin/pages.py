"""Addresses of the admin's pages, and what is in them."""

from html.parser import HTMLParser
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from flows.models import FlowVersion

VOID = {"br", "hr", "img", "input", "link", "meta", "path", "rect"}


def url(model: type[Model], page: str = "changelist", *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def of_version(version: FlowVersion, page: str = "change", *args: object) -> str:
    return url(FlowVersion, page, version.pk, *args)


def text(response: Any) -> str:
    """The page, which must be one."""
    assert response.status_code == 200
    shown: str = response.content.decode()
    return shown


def main_of(response: Any) -> str:
    """The page's own part, between the admin's frame."""
    return text(response).partition('<div id="content-main" class="desk">')[2].partition("<!-- END of page -->")[0]


def posted(browser: Client, page: str, **data: Any) -> Any:
    """Send a form, as a browser does without JavaScript."""
    return browser.post(page, data)


class _Faults(HTMLParser):
    """Collects what a strict content security policy would stop, and elements that are not closed where they should."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"script", "style", "img", "iframe", "object"} and not (given.get("src") or "").startswith(
            "/static/"
        ):
            self.found.append(f"<{tag}>")
        self.found += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        self.found += [f"{value}" for value in given.values() if (value or "").lower().startswith("javascript:")]
        self.found += [f"id {given['id']} twice"] if given.get("id") in self.ids else []
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.found.append(f"</{tag}>")


def faults(page: str) -> list[str]:
    """What is wrong with a page for a browser that is strict."""
    reader = _Faults()
    reader.feed(page)
    reader.close()
    return reader.found
