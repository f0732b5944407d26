"""Routes of webhooks, under `/api/`."""

from django.urls import re_path

from stoory.webhooks import views

WEBHOOK = r"^webhooks/(?P<webhook_id>[^/]+)"

urlpatterns = [
    re_path(r"^webhooks/?$", views.Webhooks.as_view(), name="webhooks"),
    re_path(rf"{WEBHOOK}/?$", views.OneWebhook.as_view(), name="webhook"),
    re_path(rf"{WEBHOOK}/test/?$", views.Ping.as_view(), name="webhook-test"),
    re_path(rf"{WEBHOOK}/rotate/?$", views.Secret.as_view(), name="webhook-rotate"),
    re_path(rf"{WEBHOOK}/replay/?$", views.Replay.as_view(), name="webhook-replay"),
    re_path(rf"{WEBHOOK}/deliveries/?$", views.Deliveries.as_view(), name="webhook-deliveries"),
]
