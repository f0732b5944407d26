"""What staff can do with a run at this moment: its buttons for staff, force, pause, resume, and see to effects."""

import uuid
from collections.abc import Iterator
from typing import Any

from django import forms

from flows.admin.answers import AnswerForm, warning
from flows.cards import Button
from flows.commands import ActForHouse, DismissEffect, ForceState, PauseFlow, ResumeFlow, RetryEffect
from flows.guidance import staff_buttons
from flows.models import EffectStatus, FlowEffect, FlowRun
from flows.runs import definition_of, parties_of, snapshot_of
from flows.schema import Definition
from flows.texts import called
from stoory.desk.deeds import Deed, ReasonForm, meant


class StateForm(forms.Form):
    """To which state a conversation is forced."""

    def __init__(self, definition: Definition, data: Any = None) -> None:
        super().__init__(data, auto_id="force-%s")
        states = [(name, called(definition, name)) for name in definition.states]
        self.fields["state"] = forms.ChoiceField(label="State", choices=[("", "—"), *states])


class PressForm(forms.Form):
    """Which step a button belongs to, and by what its press is known again."""

    state_seq = forms.IntegerField(widget=forms.HiddenInput)
    nonce = forms.CharField(widget=forms.HiddenInput, max_length=64)


def deeds(run: FlowRun, actor: str, data: Any = None) -> dict[str, Deed]:
    """Return what staff can do now, by key; the forms of the one that `data` is for are filled in."""
    found = [*_presses(run, actor, data), _force(run, actor, data), _hold(run, actor, data)]
    for effect in run.effects.filter(status=EffectStatus.FAILED):
        found += _of_effect(effect, actor, data)
    return {deed.key: deed for deed in found}


def _presses(run: FlowRun, actor: str, data: Any) -> Iterator[Deed]:
    snapshot = snapshot_of(run, parties_of(run.conversation))
    for button in staff_buttons(run, definition_of(run.version), snapshot):
        yield _press(run, button, actor, data)


def _press(run: FlowRun, button: Button, actor: str, data: Any) -> Deed:
    key = f"press-{button['action']}"
    sent = meant(data, key)
    answers = AnswerForm(button["inputs"], sent, place=key)
    reason = _reason(sent, key)
    press = PressForm(sent, initial={"state_seq": run.conversation.state_seq, "nonce": uuid.uuid4().hex}, auto_id=False)

    def command() -> ActForHouse:
        return ActForHouse(
            actor=actor,
            conversation_id=str(run.pk),
            action=button["action"],
            data=answers.answers(),
            state_seq=press.cleaned_data["state_seq"],
            client_nonce=press.cleaned_data["nonce"],
            reason=reason.cleaned_data["reason"],
        )

    return Deed(key, button["text"], (answers, reason, press), command, button["style"], warning(button))


def _force(run: FlowRun, actor: str, data: Any) -> Deed:
    sent = meant(data, "force")
    state, reason = StateForm(definition_of(run.version), sent), _reason(sent, "force")

    def command() -> ForceState:
        return ForceState(
            actor=actor,
            conversation_id=str(run.pk),
            state=state.cleaned_data["state"],
            reason=reason.cleaned_data["reason"],
        )

    note = "The conversation goes there whatever its buttons say. Money moves only by what that state does next."
    return Deed("force", "Force to a state", (state, reason), command, "danger", note)


def _hold(run: FlowRun, actor: str, data: Any) -> Deed:
    kind, key, label, note = (
        (PauseFlow, "pause", "Pause", "Buttons and timers wait; what the world reports is still taken.")
        if run.paused_at is None
        else (ResumeFlow, "resume", "Resume", "Its deadlines move by as long as it was paused.")
    )
    reason = _reason(meant(data, key), key)

    def command() -> PauseFlow | ResumeFlow:
        return kind(actor=actor, conversation_id=str(run.pk), reason=reason.cleaned_data["reason"])

    return Deed(key, label, (reason,), command, "secondary", note)


def _of_effect(effect: FlowEffect, actor: str, data: Any) -> Iterator[Deed]:
    yield _see_to(effect, RetryEffect, "retry", "Retry", actor, data)
    yield _see_to(effect, DismissEffect, "dismiss", "Dismiss", actor, data)


def _see_to(
    effect: FlowEffect, kind: type[RetryEffect | DismissEffect], verb: str, label: str, actor: str, data: Any
) -> Deed:
    key = f"{verb}-{effect.pk}"
    reason = _reason(meant(data, key), key)

    def command() -> RetryEffect | DismissEffect:
        return kind(actor=actor, effect_id=effect.pk, reason=reason.cleaned_data["reason"])

    return Deed(key, f"{label} {effect.name}", (reason,), command)


def _reason(data: Any, key: str) -> ReasonForm:
    return ReasonForm(data, auto_id=f"{key}-%s")
