"""The only module that knows whose look the admin has: to all others these are Django's own classes."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.contrib.admin.helpers import ActionForm
    from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm
    from django.contrib.auth.forms import AdminUserCreationForm as UserCreationForm
else:
    from unfold.admin import ModelAdmin
    from unfold.forms import ActionForm, AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from django.http import HttpRequest
from django.templatetags.static import static

__all__ = ["ActionForm", "AdminPasswordChangeForm", "ModelAdmin", "UserChangeForm", "UserCreationForm", "style"]


def style(request: HttpRequest) -> str:
    """Return where our own style sheet is, which every page of the admin has."""
    return static("desk/desk.css")
