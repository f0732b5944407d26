"""Pages of the admin that are about no model: they take a permission, and stand in the same frame."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from stoory.desk.pages import Page


class LivePage(Page):
    """A page about running servers, for staff with `permission`."""

    permission: str

    def may_look(self) -> bool:
        return bool(self.user.has_perm(self.permission))

    def page(self, title: str, **context: Any) -> TemplateResponse:
        frame = {**admin.site.each_context(self.request), "title": title, "is_popup": False}
        return TemplateResponse(self.request, self.template, frame | context)


def as_page(view: type[LivePage]) -> Any:
    """Return a page as a route takes it: for staff who are logged in."""

    def shown(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        return view.as_view()(request, **kwargs)

    return admin.site.admin_view(shown)
