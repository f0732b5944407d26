"""`/api/messages/conversations/:id/actions` and what else a flow answers. A trailing slash is optional everywhere."""

from django.urls import re_path

from flows import views

CONVERSATION = r"^messages/conversations/(?P<conversation_id>[^/]+)"

urlpatterns = [
    re_path(rf"{CONVERSATION}/actions/?$", views.Actions.as_view(), name="actions"),
]
