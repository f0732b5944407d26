"""Addresses of the admin's pages."""

from django.db.models import Model
from django.urls import reverse


def url(model: type[Model], page: str = "changelist", *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)
