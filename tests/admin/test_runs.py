"""The page of a conversation's flow: all that happened there, and what staff does, each time for a reason."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from conversations.models import Conversation
from flows.commands import ForceState, PauseFlow, PerformAction, RetryEffect
from flows.errors import NotAvailable
from flows.models import EffectStatus, FlowEffect, FlowRun, FlowTimer, FlowTransition
from stoory import commands
from stoory.accounts.models import User
from stoory.commands import execute
from tests.admin.conftest import ATTACK
from tests.admin.pages import faults, main_of, posted, text, url
from tests.flows.guided import last_of, run_of

pytestmark = pytest.mark.slow

REASON = "They asked for it."


def of(run: FlowRun, page: str = "change") -> str:
    return url(FlowRun, page, run.pk)


def hidden(page: str, deed: str, name: str) -> str:
    """What a form carries along."""
    form = page.partition(f'name="deed" value="{deed}"')[2]
    return form.partition(f'name="{name}" value="')[2].partition('"')[0]


@pytest.fixture
def disputed(run: FlowRun, staff: User) -> FlowRun:
    """The run, where it is staff's turn."""
    execute(ForceState(actor=staff.pk, conversation_id=str(run.pk), state="dispute", reason=REASON))
    return run_of(run.conversation)


@pytest.fixture
def failed(run: FlowRun) -> FlowEffect:
    """An effect that failed for good."""
    return FlowEffect.objects.create(
        run=run,
        transition=run.transitions.get(),
        name="escrow.refund",
        key="escrow.refund:pay_1",
        status=EffectStatus.FAILED,
        attempts=5,
        error=ATTACK,
    )


def test_it_shows_where_the_conversation_is(browser: Client, run: FlowRun) -> None:
    page = main_of(browser.get(of(run)))
    assert "Influencer responding (influencer_responding)" in page
    assert page.count('stroke-width="3"') == 1
    assert url(Conversation, "change", run.pk) in page
    assert "expire</td><td>transition" in page
    assert ">start</td>" in page
    assert faults(page) == []


def test_the_conversation_links_to_it(browser: Client, run: FlowRun, direct: Conversation) -> None:
    assert f'href="{of(run)}"' in text(browser.get(url(Conversation, "change", run.pk)))
    assert "No flow guides this conversation." in text(browser.get(url(Conversation, "change", direct.pk)))


def test_staff_sees_what_only_one_party_does(browser: Client, run: FlowRun, bob: User) -> None:
    data = {"reason": "busy"}
    execute(PerformAction(actor=bob.pk, conversation_id=str(run.pk), action="reject_connection", data=data))
    page = main_of(browser.get(of(run)))
    assert "reason: busy" in page
    assert f"{bob} (influencer)" in page


def test_what_people_wrote_is_not_run(browser: Client, run: FlowRun) -> None:
    FlowRun.objects.filter(pk=run.pk).update(data={"question": ATTACK, "round": 0})
    FlowTransition.objects.filter(run=run).update(inputs={ATTACK: ATTACK}, note=ATTACK)
    page = main_of(browser.get(of(run)))
    assert faults(page) == []
    assert page.count("&lt;script&gt;") == 4


def test_it_forces_a_state_for_a_reason(browser: Client, staff: User, run: FlowRun) -> None:
    response = posted(browser, of(run), deed="force", state="dispute", reason=REASON)
    assert response.status_code == 302
    step = last_of(run.conversation)
    assert (step.reason, step.to_state, step.actor, step.note) == ("staff:force", "dispute", staff, REASON)
    assert REASON in main_of(browser.get(of(run)))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"deed": "force", "state": "dispute"}, "Say why."),
        ({"deed": "force", "state": "dispute", "reason": "  "}, "Say why."),
        ({"deed": "force", "reason": REASON}, "This field is required."),
        ({"deed": "force", "state": ATTACK, "reason": REASON}, "is not one of the available choices"),
        ({"deed": "pause"}, "Say why."),
        ({"deed": "pause", "reason": "\x00"}, "Null characters are not allowed."),
        ({"deed": "pause", "reason": "x" * 501}, "at most 500 characters"),
        ({"deed": "press-resolve_refund", "reason": REASON}, "the conversation has moved on"),
        ({"deed": "retry-1", "reason": REASON}, "the conversation has moved on"),
        ({"deed": ATTACK, "reason": REASON}, "the conversation has moved on"),
        ({}, "the conversation has moved on"),
    ],
)
def test_what_can_not_be_done_is_told_and_changes_nothing(
    browser: Client, run: FlowRun, data: dict[str, str], fault: str
) -> None:
    page = text(browser.post(of(run), data))
    assert fault in page
    assert faults(page.partition('<div id="content-main" class="desk">')[2].partition("<!-- END of page -->")[0]) == []
    assert run.transitions.count() == 1


def test_it_pauses_and_resumes(browser: Client, run: FlowRun) -> None:
    assert posted(browser, of(run), deed="pause", reason=REASON).status_code == 302
    assert run_of(run.conversation).paused_at is not None
    page = main_of(browser.get(of(run)))
    assert 'value="resume"' in page
    assert 'value="pause"' not in page
    assert posted(browser, of(run), deed="resume", reason=REASON).status_code == 302
    assert run_of(run.conversation).paused_at is None
    assert [step.reason for step in run.transitions.all()] == ["start", "staff:pause", "staff:resume"]


def pressed(browser: Client, run: FlowRun, action: str, **data: Any) -> dict[str, Any]:
    """A staff button's form, filled in."""
    page = main_of(browser.get(of(run)))
    deed = f"press-{action}"
    carried = {name: hidden(page, deed, name) for name in ("state_seq", "nonce")}
    return {"deed": deed, **carried, "reason": REASON, **data}


def test_staff_presses_its_own_buttons(browser: Client, staff: User, disputed: FlowRun) -> None:
    form = pressed(browser, disputed, "resolve_resume")
    assert posted(browser, of(disputed), **form).status_code == 302
    step = last_of(disputed.conversation)
    assert (step.reason, step.role, step.actor, step.note) == ("action:resolve_resume", "staff", staff, REASON)


def test_a_double_click_is_one_step(browser: Client, disputed: FlowRun) -> None:
    form = pressed(browser, disputed, "resolve_resume")
    assert [posted(browser, of(disputed), **form).status_code for _ in range(2)] == [302, 302]
    assert disputed.transitions.filter(reason="action:resolve_resume").count() == 1


def test_a_button_of_a_step_that_is_over_is_refused(browser: Client, disputed: FlowRun) -> None:
    form = pressed(browser, disputed, "resolve_resume")
    posted(browser, of(disputed), deed="force", state="dispute", reason=REASON)
    assert "This step has already moved on." in main_of(posted(browser, of(disputed), **form))
    assert not disputed.transitions.filter(reason="action:resolve_resume").exists()


def test_parties_buttons_are_not_staffs(browser: Client, run: FlowRun) -> None:
    page = main_of(browser.get(of(run)))
    assert 'value="press-accept_connection"' not in page
    posted(browser, of(run), deed="press-accept_connection", state_seq=1, nonce="n", reason=REASON)
    assert run.transitions.count() == 1


@pytest.mark.parametrize(("verb", "status"), [("retry", EffectStatus.PENDING), ("dismiss", EffectStatus.DISMISSED)])
def test_it_sees_to_effects_that_failed(
    browser: Client, staff: User, failed: FlowEffect, verb: str, status: EffectStatus
) -> None:
    page = main_of(browser.get(of(failed.run)))
    assert "5 attempts" in page
    assert "&lt;script&gt;" in page
    assert faults(page) == []
    deed = f"{verb}-{failed.pk}"
    assert f'value="{deed}"' in page
    assert "Say why." in main_of(posted(browser, of(failed.run), deed=deed))
    assert posted(browser, of(failed.run), deed=deed, reason=REASON).status_code == 302
    failed.refresh_from_db()
    step = last_of(failed.run.conversation)
    assert (failed.status, step.reason, step.actor, step.note) == (status, f"staff:{verb}_effect", staff, REASON)


def test_why_an_effect_is_not_retried_is_told(
    browser: Client, failed: FlowEffect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(command: RetryEffect) -> None:
        raise NotAvailable("This effect has not failed.")

    monkeypatch.setattr(commands, "_handlers", {RetryEffect: refuse})
    page = main_of(posted(browser, of(failed.run), deed=f"retry-{failed.pk}", reason=REASON))
    assert "This effect has not failed." in page


def test_effects_that_wait_are_left_alone(browser: Client, failed: FlowEffect) -> None:
    FlowEffect.objects.update(status=EffectStatus.PENDING)
    assert f"retry-{failed.pk}" not in main_of(browser.get(of(failed.run)))


def test_a_paused_flow_has_no_buttons(browser: Client, staff: User, disputed: FlowRun) -> None:
    execute(PauseFlow(actor=staff.pk, conversation_id=str(disputed.pk), reason=REASON))
    assert 'value="press-' not in main_of(browser.get(of(disputed)))


def test_onlookers_see_all_and_do_nothing(onlooker: Client, charlie: User, disputed: FlowRun) -> None:
    page = main_of(onlooker.get(of(disputed)))
    assert "<form" not in page
    before = disputed.transitions.count()
    data = {"deed": "pause", "reason": REASON}
    assert onlooker.post(of(disputed), data).status_code == 403
    assert disputed.transitions.count() == before
    charlie.user_permissions.add(Permission.objects.get(codename="change_flowrun"))
    assert onlooker.post(of(disputed), data).status_code == 302
    assert run_of(disputed.conversation).paused_at is not None


def test_others_are_kept_out(client: Client, alice: User, run: FlowRun) -> None:
    client.force_login(alice)
    assert client.get(of(run)).status_code == 302
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert client.get(of(run)).status_code == 403


@pytest.mark.parametrize("key", ["0", "x", "0197f000-0000-7000-8000-000000000000"])
def test_a_run_that_is_none_is_not_found(browser: Client, db: None, key: str) -> None:
    assert browser.get(url(FlowRun, "change", key)).status_code == 404


def test_it_lists_and_finds(browser: Client, run: FlowRun) -> None:
    for query in ({}, {"q": str(run.pk)}, {"q": "influencer_responding"}, {"conversation": str(run.pk)}):
        assert list(browser.get(url(FlowRun), query).context["cl"].result_list) == [run]
    assert of(run) in text(browser.get(url(FlowTimer), {"run": str(run.pk)}))
