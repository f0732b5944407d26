"""Live sockets: who is connected to which server, from where, since when; and how staff close them."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from stoory.accounts.commands import LogOutUser
from stoory.accounts.models import User
from stoory.backstage import servers
from stoory.backstage.commands import DisconnectUser
from stoory.backstage.pages import LivePage
from stoory.commands import execute
from stoory.desk.deeds import ReasonForm
from stoory.errors import DomainError

DISCONNECT = "backstage.disconnect_user"


class Line(NamedTuple):
    """A socket as the page shows it."""

    server: str
    user: User | None
    socket: dict[str, Any]
    since: datetime


class SocketsPage(LivePage):
    """Shows the sockets of all servers, or one user's; posting closes some."""

    template = "backstage/sockets.html"
    permission = "accounts.view_user"

    def may_post(self) -> bool:
        return bool(self.user.has_perm(DISCONNECT))

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._shown(ReasonForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ReasonForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Say why.")
            return self._shown(form)
        try:
            messages.success(request, self._done(request.POST, form.cleaned_data["reason"]))
        except DomainError as error:
            messages.error(request, error.message)
        return redirect(request.get_full_path())

    def _done(self, sent: QueryDict, reason: str) -> str:
        user_id, handle = sent.get("user_id", ""), sent.get("handle") or None
        if "log_out" in sent:
            execute(LogOutUser(actor=self.actor, user_id=user_id, reason=reason))
            return "They have to log in again."
        closed = execute(DisconnectUser(actor=self.actor, user_id=user_id, handle=handle, reason=reason))
        return f"Closed {closed} sockets."

    def _shown(self, form: ReasonForm) -> HttpResponse:
        asked = self.request.GET.get("user", "").strip()
        found = _named(asked)
        replies = servers.ask("sockets", user_id=found.pk if found else None) if found or not asked else []
        lines = self._lines(replies)
        return self.page(
            "Live sockets",
            asked=asked,
            found=found,
            lines=lines,
            servers=[(reply.name, reply.answer["count"] if reply.answer else None) for reply in replies],
            total=sum(answer["count"] for answer in servers.answers(replies)),
            form=form,
            may_write=self.may_post(),
        )

    def _lines(self, replies: list[servers.Reply]) -> list[Line]:
        sockets = [(reply.name, socket) for reply in replies if reply.answer for socket in reply.answer["sockets"]]
        users = User.objects.in_bulk({socket["user_id"] for _, socket in sockets})
        lines = [
            Line(name, users.get(socket["user_id"]), socket, datetime.fromtimestamp(socket["since"], UTC))
            for name, socket in sockets
        ]
        return sorted(lines, key=lambda line: line.since, reverse=True)


def _named(asked: str) -> User | None:
    """Return who has a username or an id; nobody has one that no database can hold."""
    if not asked or "\x00" in asked:
        return None
    return User.objects.filter(username=asked).first() or User.objects.filter(pk=asked).first()
