"""Lists of rows that stay quick however many there are, and rows that nobody rewrites."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from stoory.desk import exports
from stoory.desk.theme import ActionForm, ModelAdmin
from stoory.ids import parse_uuid
from stoory.payloads import MAX_REASON

COUNTED_ROWS = 10_000


class ReadOnly:
    """Makes an admin or an inline show its rows and change nothing, whoever asks."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at runtime
    """Counts no further than 10,000 rows: what lies behind them is found by search, not by turning pages."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by()[:COUNTED_ROWS].count()


class LargeTableAdmin(ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at runtime
    """A list that stays quick over millions of rows: no full counts, no sorting by any column, ids looked up."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    list_fullwidth = True
    list_before_template = "desk/list_tools.html"
    id_fields: tuple[str, ...] = ()

    def get_urls(self) -> list[Any]:
        return [*exports.routes(self), *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find rows by a whole id in the first of `id_fields` that has it, else by text in `search_fields`."""
        key = parse_uuid(search_term.strip().lower())
        if key is not None:
            for field in self.id_fields:
                found = queryset.filter(**{field: str(key)})
                if found.exists():
                    return found, False
        return super().get_search_results(request, queryset, search_term)


class ReadOnlyAdmin(ReadOnly, LargeTableAdmin):
    """All fields of all rows, and no form."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [field.name for field in self.opts.fields]


class ReasonedActionForm(ActionForm):
    """What is done with the rows that are marked, and why."""

    reason = forms.CharField(
        label="",
        required=False,
        max_length=MAX_REASON,
        widget=forms.TextInput({"placeholder": "Why", "aria-label": "Reason", "class": "desk-reason"}),
    )
