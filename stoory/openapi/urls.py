"""Routes of the OpenAPI document, under `/api/`."""

from django.urls import re_path

from stoory.openapi import views

urlpatterns = [
    re_path(r"^schema/?$", views.Document.as_view(), name="schema"),
    re_path(r"^docs/?$", views.page, name="docs"),
]
