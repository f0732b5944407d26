"""`/api/messages…` (seeds 000 and 002). A trailing slash is optional everywhere."""

from django.urls import re_path

from messaging import views

UUID = r"(?P<conversation_id>[^/]+)"

urlpatterns = [
    re_path(r"^messages/?$", views.Messages.as_view(), name="messages"),
    re_path(r"^messages/unread-count/?$", views.UnreadCount.as_view(), name="unread-count"),
    re_path(r"^messages/conversations/?$", views.Conversations.as_view(), name="conversations"),
    re_path(rf"^messages/conversations/{UUID}/context/?$", views.Context.as_view(), name="context"),
    re_path(
        rf"^messages/conversations/{UUID}/messages/?$",
        views.ConversationMessages.as_view(),
        name="conversation-messages",
    ),
    re_path(rf"^messages/conversations/{UUID}/seen/?$", views.Seen.as_view(), name="seen"),
]
