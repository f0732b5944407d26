"""`/api/messages…` (seeds 000 and 002) and `/api/v1/…` (seed 003)."""

from django.urls import re_path

from messaging import v1, views

CONVERSATION = r"(?P<conversation_id>[^/]+)"
MESSAGE = r"(?P<message_id>[^/]+)"

urlpatterns = [
    re_path(r"^messages/?$", views.Messages.as_view(), name="messages"),
    re_path(r"^messages/unread-count/?$", views.UnreadCount.as_view(), name="unread-count"),
    re_path(r"^messages/conversations/?$", views.Conversations.as_view(), name="conversations"),
    re_path(rf"^messages/conversations/{CONVERSATION}/context/?$", views.Context.as_view(), name="context"),
    re_path(
        rf"^messages/conversations/{CONVERSATION}/messages/?$",
        views.ConversationMessages.as_view(),
        name="conversation-messages",
    ),
    re_path(rf"^messages/conversations/{CONVERSATION}/seen/?$", views.Seen.as_view(), name="seen"),
    re_path(rf"^messages/messages/{MESSAGE}/?$", views.OwnMessage.as_view(), name="message"),
    re_path(rf"^messages/messages/{MESSAGE}/reactions/?$", views.Reactions.as_view(), name="reactions"),
    re_path(r"^v1/conversations/?$", v1.Conversations.as_view(), name="v1-conversations"),
    re_path(rf"^v1/conversations/{CONVERSATION}/messages/?$", v1.Messages.as_view(), name="v1-messages"),
    re_path(rf"^v1/conversations/{CONVERSATION}/read/?$", v1.Read.as_view(), name="v1-read"),
]
