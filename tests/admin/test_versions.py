"""Versions of flows: listed, written as drafts, checked while they are broken, never changed once published."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from flows.models import FlowRun, FlowVersion
from stoory.accounts.models import User
from tests.admin.conftest import ATTACK
from tests.admin.pages import faults, main_of, of_version, posted, text, url
from tests.flows.guided import drafted, guided, released
from tests.flows.players import SMALL, bent

pytestmark = pytest.mark.slow

ADD = url(FlowVersion, "add")
EVIL = "</textarea><img src=x onerror=alert(1)>"


def written(version: FlowVersion, document: Any, **fields: Any) -> dict[str, Any]:
    """A filled in form."""
    said = document if isinstance(document, str) else json.dumps(document)
    return {"document": said, "notes": "Tried", "checksum": version.checksum, "save": "1", **fields}


def test_it_lists_who_runs_where(browser: Client, run: FlowRun, draft: FlowVersion) -> None:
    response = browser.get(url(FlowVersion))
    rows = {str(version): version.running_count for version in response.context["cl"].result_list}
    assert rows == {"bid 1": 1, "campaign 1": 0, "small 1": 0}
    assert url(FlowVersion, "funnel", "bid") in text(response)
    assert url(FlowVersion, "funnel", "small") not in text(response)


def test_a_draft_is_shown_with_its_checks_and_its_picture(browser: Client, draft: FlowVersion) -> None:
    page = main_of(browser.get(of_version(draft)))
    assert "Nothing is wrong" in page
    assert "<svg" in page
    assert "&quot;stoory.flow/1&quot;" in page


def test_a_draft_is_saved(browser: Client, staff: User, draft: FlowVersion) -> None:
    response = posted(browser, of_version(draft), **written(draft, bent("title", "Other").copy()))
    assert response.status_code == 302
    now = FlowVersion.objects.get(pk=draft.pk)
    assert (json.loads(now.document)["title"], now.notes) == ("Other", "Tried")
    assert LogEntry.objects.get(object_id=str(draft.pk)).user == staff


def test_lines_end_as_they_were_written(browser: Client, draft: FlowVersion) -> None:
    lines = json.dumps(SMALL, indent=2)
    posted(browser, of_version(draft), **written(draft, lines.replace("\n", "\r\n")))
    assert FlowVersion.objects.get(pk=draft.pk).document == lines


def test_what_somebody_else_has_saved_is_not_lost(browser: Client, draft: FlowVersion) -> None:
    posted(browser, of_version(draft), **written(draft, bent("title", "Theirs")))
    response = posted(browser, of_version(draft), **written(draft, bent("title", "Mine")))
    page = main_of(response)
    assert "Somebody else has rewritten this draft." in page
    assert "<td><pre>Theirs</pre></td><td><pre>Mine</pre></td>" in page
    assert "&quot;Mine&quot;" in page
    assert json.loads(FlowVersion.objects.get(pk=draft.pk).document)["title"] == "Theirs"


def test_checking_saves_nothing(browser: Client, draft: FlowVersion) -> None:
    broken = written(draft, bent("states.asked.actions.0.to", "nowhere"), check="1")
    page = main_of(posted(browser, of_version(draft), **broken))
    assert "<code>states.asked.actions[0].to</code>" in page
    assert "Ways that lead nowhere are left out." in page
    assert "<svg" in page
    assert FlowVersion.objects.get(pk=draft.pk).checksum == draft.checksum


BROKEN = {
    "no JSON": "{",
    "no object": "[]",
    "deep": "[" * 100_000,
    "surrogate": '{"key": "\\ud800"}',
    "NUL": '{"key": "a", "title": "\\u0000"}',
    "no key": "{}",
    "no flow": '{"key": "small", "conversation_type": "bid"}',
    "no states": json.dumps(bent("states", {})),
    "unknown initial": json.dumps(bent("initial", "nowhere")),
    "unknown date": json.dumps(bent("states.asked.timers.0", {"id": "a", "at": "ctx.nothing", "to": "late"})),
    "no time": json.dumps(bent("states.asked.timers.0", {"id": "a", "after": "soon", "to": "late"})),
    "no English": json.dumps(bent("states.asked.title", {"hi": "पूछा"})),
    "no ways": json.dumps(
        bent("states", {"a": {"title": "A", "phase": "a"}, "b": {"title": "B", "phase": "b", "outcome": "won"}})
    ),
    "attack": json.dumps(bent("states.asked.title", ATTACK)),
    "attack by name": json.dumps(bent(f"states.{ATTACK}", {"title": "A", "phase": ATTACK})),
    "attack by key": json.dumps(bent(ATTACK, 1)),
    "way out": EVIL,
}


@pytest.mark.parametrize("document", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("button", ["check", "save"])
def test_whatever_is_written_the_page_tells_what_is_wrong(
    browser: Client, draft: FlowVersion, document: str, button: str
) -> None:
    page = of_version(draft)
    data = {"document": document, "checksum": draft.checksum, button: "1"}
    shown = main_of(browser.post(page, data, follow=True))
    assert ("errornote" in shown) or ("<table" in shown) or ("Nothing is wrong" in shown)
    assert faults(shown) == []


@pytest.mark.parametrize("document", ["", "\x00"])
def test_a_form_that_is_no_text_is_refused(browser: Client, draft: FlowVersion, document: str) -> None:
    assert 'class="errorlist"' in main_of(posted(browser, of_version(draft), **written(draft, document)))


def test_findings_are_told_of_a_saved_draft_too(browser: Client, staff: User) -> None:
    broken = drafted(staff, bent("states.asked.actions.0.do.set.price", "input.cost"))
    assert "<code>states.asked.actions[0].do.set.price</code>" in main_of(browser.get(of_version(broken)))


def test_a_new_draft_is_written(browser: Client, staff: User) -> None:
    assert 'name="document"' in text(browser.get(ADD))
    assert "Nothing is wrong" in main_of(browser.post(ADD, {"document": json.dumps(SMALL), "check": "1"}))
    assert not FlowVersion.objects.filter(key="small").exists()
    response = browser.post(ADD, {"document": json.dumps(SMALL), "notes": "First"})
    draft = FlowVersion.objects.get(key="small")
    assert response.headers["Location"] == of_version(draft)
    assert (draft.created_by, draft.notes, draft.status) == (staff, "First", "draft")


def test_a_new_draft_without_a_key_is_refused_in_words(browser: Client, db: None) -> None:
    assert "Expected a name of small letters" in main_of(browser.post(ADD, {"document": "{}"}))


def test_a_published_version_is_shown_and_never_written(browser: Client, published: FlowVersion) -> None:
    before = FlowVersion.objects.filter(pk=published.pk).values().get()
    page = main_of(browser.get(of_version(published)))
    assert "<textarea" not in page
    assert posted(browser, of_version(published), **written(published, SMALL)).status_code == 403
    assert FlowVersion.objects.filter(pk=published.pk).values().get() == before


@pytest.mark.parametrize("spelt", ["{} ", "0{}", " {}"])
def test_no_other_spelling_leads_to_a_form(browser: Client, published: FlowVersion, spelt: str) -> None:
    page = of_version(published).replace(f"/{published.pk}/", f"/{spelt.format(published.pk)}/")
    assert browser.post(page, {"key": "mine", "number": 1, "document": "{}"}).status_code in (403, 404)
    assert FlowVersion.objects.get(pk=published.pk).key == "bid"


def test_a_published_version_tells_how_many_are_where(browser: Client, run: FlowRun, published: FlowVersion) -> None:
    page = main_of(browser.get(of_version(published)))
    assert ">Influencer responding</text>" in page
    assert 'text-anchor="end">1</text>' in page


def test_it_is_taken_along(browser: Client, draft: FlowVersion) -> None:
    exported = browser.get(of_version(draft, "export", "json"))
    assert exported.headers["Content-Disposition"] == 'attachment; filename="small-1.json"'
    assert exported.content.decode() == draft.document
    assert browser.get(of_version(draft, "export", "mermaid")).content.startswith(b"stateDiagram-v2")
    assert browser.get(of_version(draft, "export", "svg")).content.startswith(b"<svg")


def test_what_can_not_be_drawn_says_so(browser: Client, staff: User) -> None:
    broken = drafted(staff, {"key": "small", "conversation_type": "bid"})
    assert b"can't be drawn" in browser.get(of_version(broken, "export", "svg")).content


def test_two_versions_are_compared(browser: Client, staff: User) -> None:
    first, second, third = (
        drafted(staff),
        drafted(staff, bent("title", "Second")),
        drafted(staff, bent("title", ATTACK)),
    )
    assert "There is no other version" not in main_of(browser.get(of_version(first, "diff")))
    assert "<pre>A small flow</pre></td><td><pre>Second</pre>" in main_of(browser.get(of_version(second, "diff")))
    page = main_of(browser.get(of_version(third, "diff"), {"against": first.pk}))
    assert "From small 1 to small 3" in page
    assert "&lt;script&gt;" in page
    assert faults(page) == []


def test_an_only_version_has_nothing_to_be_compared_with(browser: Client, draft: FlowVersion) -> None:
    assert "There is no other version of small." in main_of(browser.get(of_version(draft, "diff")))


def test_it_is_cloned(browser: Client, staff: User, published: FlowVersion) -> None:
    assert of_version(published, "clone") in text(browser.get(of_version(published)))
    browser.post(of_version(published, "clone"))
    copy = FlowVersion.objects.get(key="bid", number=2)
    assert (copy.status, copy.checksum, copy.created_by) == ("draft", published.checksum, staff)
    assert browser.get(of_version(published, "clone")).status_code == 405


def test_publishing_shows_what_changes_and_asks(browser: Client, staff: User, alice: User, bob: User) -> None:
    first = released(staff)
    guided(alice, bob)
    second = drafted(staff, bent("title", "Second"))
    page = main_of(browser.get(of_version(second, "publish")))
    assert "<pre>Second</pre>" in page
    assert "1 conversation runs in it and keeps it" in page
    assert FlowVersion.objects.get(pk=second.pk).status == "draft"
    assert posted(browser, of_version(second, "publish")).status_code == 302
    now = FlowVersion.objects.get(pk=second.pk)
    assert (now.status, now.published_by) == ("published", staff)
    assert FlowVersion.objects.get(pk=first.pk).status == "retired"


def test_a_draft_with_errors_is_not_published(browser: Client, staff: User) -> None:
    broken = drafted(staff, bent("states.asked.actions.0.to", "nowhere"))
    page = main_of(posted(browser, of_version(broken, "publish")))
    assert "This flow has errors." in page
    assert "<code>states.asked.actions[0].to</code>" in page
    assert FlowVersion.objects.get(pk=broken.pk).status == "draft"


def test_a_version_is_retired(browser: Client, published: FlowVersion, run: FlowRun) -> None:
    assert "1 conversation runs in it and keeps it" in main_of(browser.get(of_version(published, "retire")))
    assert posted(browser, of_version(published, "retire")).status_code == 302
    assert FlowVersion.objects.get(pk=published.pk).status == "retired"


def test_a_draft_is_not_retired(browser: Client, draft: FlowVersion) -> None:
    assert "A draft drives no conversations." in main_of(posted(browser, of_version(draft, "retire")))


PAGES = ("change", "publish", "retire", "migrate", "diff", "simulate")


@pytest.mark.parametrize("page", [*PAGES, "history"])
def test_onlookers_see_all(onlooker: Client, draft: FlowVersion, page: str) -> None:
    shown = text(onlooker.get(of_version(draft, page)))
    assert "<textarea" not in shown
    assert of_version(draft, "clone") not in shown


@pytest.mark.parametrize("page", ["change", "publish", "retire", "migrate", "clone", "delete"])
def test_onlookers_change_nothing(onlooker: Client, draft: FlowVersion, page: str) -> None:
    before = list(FlowVersion.objects.order_by("pk").values())
    data = {**written(draft, bent("title", "Mine")), "post": "yes"}
    assert onlooker.post(of_version(draft, page), data).status_code == 403
    assert onlooker.post(ADD, data).status_code == 403
    assert onlooker.get(ADD).status_code == 403
    assert list(FlowVersion.objects.order_by("pk").values()) == before


def test_authors_write_and_do_not_publish(onlooker: Client, charlie: User, draft: FlowVersion) -> None:
    charlie.user_permissions.add(Permission.objects.get(codename="change_flowversion"))
    assert posted(onlooker, of_version(draft), **written(draft, bent("title", "Mine"))).status_code == 302
    assert of_version(draft, "publish") not in text(onlooker.get(of_version(draft)))
    assert posted(onlooker, of_version(draft, "publish")).status_code == 403
    assert posted(onlooker, of_version(draft, "clone")).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_others_see_none_of_it(client: Client, alice: User, draft: FlowVersion, page: str) -> None:
    client.force_login(alice)
    assert client.get(of_version(draft, page)).status_code == 302
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert client.get(of_version(draft, page)).status_code == 403


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("key", ["0", "x", "1/2"])
def test_a_version_that_is_none_is_not_found(browser: Client, page: str, key: str) -> None:
    assert browser.get(url(FlowVersion, page, key)).status_code == 404
    assert browser.post(url(FlowVersion, page, key)).status_code == (403 if page == "diff" else 404)


@pytest.mark.parametrize("page", PAGES)
def test_a_strict_content_security_policy_lets_the_pages_pass(
    browser: Client, published: FlowVersion, page: str
) -> None:
    assert faults(main_of(browser.get(of_version(published, page)))) == []
