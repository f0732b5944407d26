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

__all__ = ["ActionForm", "AdminPasswordChangeForm", "ModelAdmin", "UserChangeForm", "UserCreationForm"]
