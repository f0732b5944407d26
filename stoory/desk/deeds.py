"""What staff can do on a page: each deed asks for what it needs, and is one Command with a written reason."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms

from stoory.commands import Command, execute
from stoory.desk.pages import show
from stoory.errors import DomainError
from stoory.payloads import MAX_REASON


class ReasonForm(forms.Form):
    """Why staff does it, which the log keeps."""

    reason = forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        widget=forms.Textarea({"rows": 2}),
        help_text="It stays in the log.",
        error_messages={"required": "Say why."},
    )


class ToldReasonForm(ReasonForm):
    """Why staff does it, for everybody to read."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].help_text = "It stays in the log, and everybody in the conversation is told."


class Deed(NamedTuple):
    """Something that staff can do: what it is called, what is asked before, and the command that does it."""

    key: str
    label: str
    forms: tuple[forms.Form, ...]
    command: Callable[[], Command[Any]]
    style: str = "secondary"
    note: str = ""


def meant(data: Any, key: str) -> Any:
    """Return what was posted if it was for this deed."""
    return data if data is not None and data.get("deed") == key else None


def done(deed: Deed) -> bool:
    """Do it and return True; where it is refused, its forms say why."""
    if not all(form.is_valid() for form in deed.forms):
        return False
    try:
        execute(deed.command())
    except DomainError as error:
        show(error, *deed.forms)
        return False
    return True
