"""Lists as CSV, a portion at a time: a page that shows how far it is, and files that no request takes long to make.

Portions follow the primary key, so that none costs more than the first one, however many rows there are.
"""

import csv
from io import StringIO
from typing import Any, Protocol

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse

PORTION = 2_000
NEXT = "X-Next"
SECRETS = ("password", "secret", "old_secret")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Listed(Protocol):
    """The admin of a list that can be exported."""

    opts: Any
    admin_site: Any

    def get_changelist_instance(self, request: HttpRequest) -> Any: ...

    def has_view_permission(self, request: HttpRequest) -> bool: ...


def routes(model_admin: Listed) -> list[Any]:
    """Return the routes of a list's export: the page, and the portions that it fetches."""
    name = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}"

    def page(request: HttpRequest) -> HttpResponse:
        return _page(model_admin, request)

    def portion(request: HttpRequest) -> HttpResponse:
        return _portion(model_admin, request)

    view = model_admin.admin_site.admin_view
    return [
        path("export/", view(page), name=f"{name}_export"),
        path("export/portion/", view(portion), name=f"{name}_portion"),
    ]


def _page(model_admin: Listed, request: HttpRequest) -> HttpResponse:
    _check(model_admin, request)
    opts, query = model_admin.opts, request.GET.urlencode()
    name = f"admin:{opts.app_label}_{opts.model_name}"
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": opts,
        "title": f"Export {opts.verbose_name_plural}",
        "is_popup": False,
        "counted": model_admin.get_changelist_instance(request).result_count,
        "back": f"{reverse(f'{name}_changelist')}?{query}",
        "portion": reverse(f"{name}_portion"),
        "query": query,
        "file": f"{opts.model_name}.csv",
        "next_header": NEXT,
    }
    return TemplateResponse(request, "desk/export.html", context)


def _portion(model_admin: Listed, request: HttpRequest) -> HttpResponse:
    """Return a part of the file, and in a header after which row the next one begins."""
    _check(model_admin, request)
    asked: Any = request.GET.copy()
    after = _key(model_admin, asked.pop("after", [""])[-1])
    request.GET = asked  # without what is no filter of the list
    rows: QuerySet[Any] = model_admin.get_changelist_instance(request).get_queryset(request).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    fields = [field for field in model_admin.opts.concrete_fields if field.name not in SECRETS]
    found = list(rows.values_list(*(field.attname for field in fields))[: PORTION + 1])
    written = StringIO()
    writer = csv.writer(written)
    if after is None:
        writer.writerow([field.attname for field in fields])
    writer.writerows([cell(value) for value in row] for row in found[:PORTION])
    response = HttpResponse(written.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{model_admin.opts.model_name}.csv"'
    if len(found) > PORTION:
        keys = [field.attname for field in fields]
        response[NEXT] = str(found[PORTION - 1][keys.index(model_admin.opts.pk.attname)])
    response["X-Rows"] = str(min(len(found), PORTION))
    return response


def _key(model_admin: Listed, text: str) -> Any:
    """Return the key that a URL names; raises `Http404` for one that is none."""
    try:
        return model_admin.opts.pk.to_python(text) if text else None
    except ValidationError as error:
        raise Http404 from error


def _check(model_admin: Listed, request: HttpRequest) -> None:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied


def cell(value: Any) -> Any:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
