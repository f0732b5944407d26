"""Users and groups in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import QuerySet
from django.forms import ModelForm, TypedChoiceField
from django.http import HttpRequest
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from stoory.accounts.commands import LogOutUser
from stoory.accounts.models import SYSTEM_USER_ID, Role, User
from stoory.accounts.services import tell_revoked
from stoory.commands import execute
from stoory.desk.rows import LargeTableAdmin, ReasonedActionForm
from stoory.desk.theme import AdminPasswordChangeForm, ModelAdmin, UserChangeForm, UserCreationForm
from stoory.errors import DomainError

admin.site.unregister(Group)  # Django's own page of them has another look
admin.site.unregister([BlacklistedToken, OutstandingToken])  # one shows tokens as they are; staff revoke all of a user


@admin.register(User)
class UserAdmin(DjangoUserAdmin, LargeTableAdmin):  # type: ignore[type-arg]  # not subscriptable at runtime
    """People's accounts. The system user is shown and can't be changed."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "name", "role", "issuer", "is_active", "is_staff", "last_login"]
    list_filter = ["role", "is_active"]
    id_fields = ("id",)
    search_fields = ["id", "username", "name", "email"]
    filter_horizontal = ()  # the script of two boxes is none for screen readers
    actions = ["log_out_everywhere"]
    action_form = ReasonedActionForm
    readonly_fields = ["id", "issuer", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["id", "issuer", "username", "password"]}),
        ("Profile", {"fields": ["name", "email", "role", "image_url"]}),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["username", "name", "email", "role", "usable_password", "password1", "password2"],
            },
        )
    ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion of many at once: it would pass by `has_delete_permission` of each."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    @admin.action(description="Log out everywhere", permissions=["change"])
    def log_out_everywhere(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        reason = request.POST.get("reason", "").strip()
        if not reason:
            self.message_user(request, "Say why.", messages.ERROR)
            return
        people = list(queryset.exclude(pk=SYSTEM_USER_ID))
        try:
            for user in people:
                execute(LogOutUser(actor=str(request.user.pk), user_id=user.pk, reason=reason))
        except DomainError as error:
            self.message_user(request, error.message, messages.ERROR)
            return
        self.message_user(request, f"{len(people)} users have to log in again.")

    def save_model(self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: bool) -> None:
        """Write what was edited and no more, tokens may have been revoked meanwhile; and close a closed account."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        columns = {field.name for field in self.opts.concrete_fields}
        obj.save(update_fields=columns.intersection(form.changed_data))
        if "is_active" in form.changed_data:
            tell_revoked(obj.pk)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Keep an external user's username, which follows another's rules than the form's."""
        fields = [*super().get_readonly_fields(request, obj)]
        return [*fields, "username"] if obj is not None and obj.issuer else fields

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return not _is_system(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Allow it for users who left no trace; others are deactivated, so that what they said keeps its author."""
        if obj is not None and (_is_system(obj) or _has_traces(obj)):
            return False
        return super().has_delete_permission(request, obj)

    def formfield_for_choice_field(
        self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> TypedChoiceField | None:
        if db_field.name == "role":
            kwargs["choices"] = [choice for choice in Role.choices if choice[0] != Role.SYSTEM]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at runtime
    """What staff may do, by group."""

    filter_horizontal = ()


def _is_system(user: User | None) -> bool:
    return user is not None and user.pk == SYSTEM_USER_ID


def _has_traces(user: User) -> bool:
    """Return whether any row of any application names the user."""
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: user}).exists()
        for relation in User._meta.related_objects
    )
