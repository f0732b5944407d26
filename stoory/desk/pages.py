"""Pages in the admin's frame that are more than a list or a form of one row."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views import View

from stoory.errors import DomainError


class Page(View):
    """A page for staff who may look at the model; who may also post, `may_post` tells."""

    http_method_names = ["get", "post"]
    model_admin: Any = None
    template: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may_look():
            raise PermissionDenied
        if request.method == "POST" and not self.may_post():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def may_look(self) -> bool:
        """Return whether whoever asks may see the page."""
        return bool(self.model_admin.has_view_permission(self.request))

    def may_post(self) -> bool:
        """Return whether whoever asks may change something here."""
        return False

    def has_perm(self, name: str) -> bool:
        """Return whether whoever asks has a permission of the model's application."""
        return bool(self.user.has_perm(f"{self.model_admin.opts.app_label}.{name}"))

    @property
    def user(self) -> Any:
        """Who asks: staff, logged in."""
        return self.request.user

    @property
    def actor(self) -> str:
        """Whose commands they are."""
        return str(self.user.pk)

    def found(self, key: str) -> Any:
        """Return the row with this key; raises `Http404`."""
        row = self.model_admin.get_object(self.request, key)
        if row is None:
            raise Http404
        return row

    def page(self, title: str, **context: Any) -> TemplateResponse:
        """Return the page with its title."""
        frame = {
            **self.model_admin.admin_site.each_context(self.request),
            "opts": self.model_admin.opts,
            "title": title,
            "is_popup": False,
        }
        return TemplateResponse(self.request, self.template, frame | context)


def show(error: DomainError, *forms_shown: forms.Form) -> None:
    """Put a refusal into forms: what it says of one field there, the rest at the top of the first."""
    place(error.details.get("fields", {}), *forms_shown)
    name = str(error.details.get("path", "")).partition(".")[0]
    form = next((form for form in forms_shown if name in form.fields), None)
    if form is not None:
        form.add_error(name, error.message)
    else:
        forms_shown[0].add_error(None, error.message)


def place(faults: dict[str, str], *forms_shown: forms.Form) -> None:
    """Put faults, each the end of a sentence about a field, at their fields."""
    for name, fault in faults.items():
        form = next((form for form in forms_shown if name in form.fields), None)
        if form is None:
            forms_shown[0].add_error(None, f"{name} {fault}.")
        else:
            form.add_error(name, f"This {fault}.")


def register_page(model_admin: "admin.ModelAdmin[Any]", view: type[Page]) -> Any:
    """Return a page as the admin's routes take it: for staff who are logged in, never cached, safe from forgeries."""
    return model_admin.admin_site.admin_view(view.as_view(model_admin=model_admin))
