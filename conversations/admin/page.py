"""The page of one conversation: what it is, all that happened, and what staff can do. It moves by itself."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string

from conversations.admin import timeline
from conversations.admin.offers import offered
from conversations.models import Conversation
from stoory.desk.deeds import Deed, done
from stoory.desk.pages import Page
from stoory.http import WHOLE_NUMBER

MAX_SEQ = 2**63 - 1


class ConversationPage(Page):
    """Shows a conversation; posting does one of the deeds that it offers."""

    template = "admin/conversations/conversation.html"

    def may_post(self) -> bool:
        return bool(offered(self.conversation, self.user))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.may_look():
            self.conversation: Conversation = self.found(kwargs["object_id"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._shown()

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        deed = offered(self.conversation, self.user, request.POST).get(request.POST.get("deed", ""))
        if deed is not None and done(deed):
            messages.success(request, f"Done: {deed.label}.")
            return redirect(request.path)
        if deed is None:
            messages.error(request, "This can't be done any more: the conversation has moved on.")
        self.conversation.refresh_from_db()
        return self._shown(deed)

    def _shown(self, refused: Deed | None = None) -> HttpResponse:
        conversation = self.conversation
        deeds = offered(conversation, self.user)
        if refused is not None:
            deeds[refused.key] = refused
        before = number(self.request.GET.get("before"))
        people, has_more_people = timeline.people(conversation)
        return self.page(
            conversation.title or f"{conversation.get_type_display()} conversation",
            original=conversation,
            portion=timeline.newest(conversation.pk, before),
            is_newest=before is None,
            people=people,
            has_more_people=has_more_people,
            deeds=list(deeds.values()),
            contents=self.model_admin.contents(conversation),
            sections=[(heading, section(conversation)) for heading, section in self.model_admin.sections.items()],
            may_edit=self.has_perm("change_conversation"),
        )


class EntriesPage(Page):
    """What has happened since a number, for a page that is open: entries and facts as parts of it."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, object_id: str) -> JsonResponse:
        conversation: Conversation = self.found(object_id)
        entries = timeline.after(conversation.pk, number(request.GET.get("after")) or 0)
        return JsonResponse(
            {
                "last_seq": entries[0].seq if entries else None,
                "count": len(entries),
                "entries": render_to_string("admin/conversations/entries.html", {"entries": entries})
                if entries
                else "",
                "facts": render_to_string("admin/conversations/facts.html", {"original": conversation}),
            }
        )


def number(text: str | None) -> int | None:
    """Return the number that a URL names, or None where it names none."""
    return min(int(text), MAX_SEQ) if text and WHOLE_NUMBER.fullmatch(text) and int(text) >= 0 else None
