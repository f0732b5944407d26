"""The simulator: a version played in the browser. Its whole state is the script in the form; nothing is stored."""

from typing import Any

import msgspec
from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse
from msgspec.structs import replace

from flows.admin import playing
from flows.admin.answers import AnswerForm
from flows.admin.drawing import picture
from flows.admin.findings import looked_at
from flows.admin.playing import Board, Choice
from flows.models import FlowVersion
from flows.schema import Definition
from flows.simulation import CannotStart, Script, ScriptStep, Simulation
from flows.snapshots import Refusal
from flows.texts import FALLBACK
from stoory.desk.pages import Page, place
from stoory.payloads import JsonValue

SALT = "flows.simulator"
MAX_STEPS = 200
HOUR, DAY = "PT1H", "P1D"
UNREADABLE = "This walk can't be read any more. It begins anew."
GONE = "This can't be done any more."
TOO_LONG = "This walk is long enough. Undo a step, or begin anew."


class StateForm(forms.Form):
    """To which state staff forces the conversation."""

    def __init__(self, definition: Definition) -> None:
        super().__init__(auto_id="force-%s")
        self.fields["id"] = forms.ChoiceField(label="State", choices=[(name, name) for name in definition.states])


class SimulatorPage(Page):
    """Plays a version. To post is to play on, which changes nothing, so that all who may look may play."""

    template = "admin/flows/simulator.html"

    def may_post(self) -> bool:
        return True

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._page(self.found(object_id), None)

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._page(self.found(object_id), request.POST)

    def _page(self, version: FlowVersion, sent: Any) -> HttpResponse:
        report = looked_at(version.document)
        if report.definition is None or report.errors:
            return self._frame(version, report=report)
        walk = Walk(version, report.definition, self._locale())
        return self._frame(version, **(walk.begun(None) if sent is None else walk.continued(sent)))

    def _locale(self) -> str:
        return self.request.POST.get("locale", FALLBACK)

    def _frame(self, version: FlowVersion, **context: Any) -> HttpResponse:
        return self.page(f"Simulate {version}", original=version, version=version, **context)


class Walk:
    """A played conversation, from what the browser sent to what the page shows."""

    def __init__(self, version: FlowVersion, definition: Definition, locale: str) -> None:
        self.salt = f"{SALT}.{version.pk}"
        self.definition = definition
        self.locale = locale

    def begun(self, data: Any, fault: str = "") -> dict[str, Any]:
        """Begin with the start values in `data`; ask for them where the flow lacks some."""
        form = self._start_form(data)
        script = Script(context=_given(form) if data is not None and form.is_valid() else {})
        try:
            return self._shown(script, Simulation(self.definition, script), fault)
        except CannotStart as error:
            if data is not None:
                place(error.refusal.fields, form)
            return self._asked(form)

    def continued(self, sent: Any) -> dict[str, Any]:
        """Do one thing more, or one thing less."""
        script = self._script(sent.get("script", ""))
        if sent.get("do") == "start":
            return self.begun(sent)
        if script is None:
            return self.begun(None, UNREADABLE)
        if sent.get("do") == "undo":
            script = replace(script, steps=script.steps[:-1])
        try:
            game = playing.replayed(self.definition, script)
        except CannotStart:  # the draft was rewritten since
            return self.begun(None, UNREADABLE)
        return self._stepped(script, game, sent)

    def _stepped(self, script: Script, game: Simulation, sent: Any) -> dict[str, Any]:
        board = playing.board(game, script, self.locale, sent)
        line = _line(game, board.meant, sent)
        if line is None:
            return self._shown(script, game, GONE if sent.get("do") == "choose" else "")
        if len(script.steps) >= MAX_STEPS:
            return self._shown(script, game, TOO_LONG)
        followed = game.run(line)
        if followed and isinstance(refusal := followed[-1], Refusal):
            if board.meant is not None:
                place(refusal.fields, board.meant.form)
            return self._shown(script, game, refusal.message, board)
        return self._shown(replace(script, steps=(*script.steps, line)), game)

    def _shown(self, script: Script, game: Simulation, fault: str = "", board: Board | None = None) -> dict[str, Any]:
        return {
            "script": signing.dumps(msgspec.to_builtins(script), salt=self.salt, compress=True),
            "locale": self.locale,
            "languages": playing.languages(self.definition),
            "fault": fault,
            "game": game,
            "state": self.definition.states[game.snapshot.state],
            "board": board or playing.board(game, script, self.locale),
            "alarms": sorted(game.alarms, key=lambda alarm: alarm.due_at),
            "steps": playing.steps(game),
            "can_undo": bool(script.steps),
            "start_form": self._start_form(None, script.context),
            "force_form": StateForm(self.definition),
            "picture": picture(self.definition, current=game.snapshot.state),
        }

    def _asked(self, form: AnswerForm) -> dict[str, Any]:
        """Return a page that asks for the start values alone."""
        return {"start_form": form, "locale": self.locale}

    def _start_form(self, data: Any, given: dict[str, JsonValue] | None = None) -> AnswerForm:
        return AnswerForm(playing.start_inputs(self.definition, self.locale), data, place="start", initial=given)

    def _script(self, text: str) -> Script | None:
        """Return the script that a page carried; None where it was for another version, or changed on the way."""
        try:
            return msgspec.convert(signing.loads(text, salt=self.salt), Script)
        except (signing.BadSignature, msgspec.ValidationError):
            return None


def _given(form: AnswerForm) -> dict[str, JsonValue]:
    return {name: value for name, value in form.answers().items() if value not in ("", None, [])}


def _line(game: Simulation, choice: Choice | None, sent: Any) -> ScriptStep | None:
    """Return what is to happen next, as a line of the script."""
    match sent.get("do"):
        case "hour":
            return ScriptStep(advance=HOUR)
        case "day":
            return ScriptStep(advance=DAY)
        case "timer" if wait := playing.until_next_timer(game):
            return ScriptStep(advance=wait)
        case "force":
            return ScriptStep(kind="force", id=sent.get("id", ""))
        case "choose" if choice is not None and choice.form.is_valid():
            return ScriptStep(kind=choice.kind, id=choice.id, role=choice.role, data=choice.form.answers())
    return None
