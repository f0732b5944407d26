"""Routes of the realtime package."""

from django.urls import re_path

from stoory.realtime import event_views, views

urlpatterns = [
    re_path(r"^api/messages/conversations/(?P<conversation_id>[^/]+)/events/?$", views.Events.as_view(), name="events"),
    re_path(r"^api/events/?$", event_views.page, name="events-page"),
    re_path(r"^api/events\.json$", event_views.EventsDocument.as_view(), name="events-document"),
    re_path(r"^api/events/asyncapi\.json$", event_views.EventsDocument.as_view(), name="asyncapi-document"),
    re_path(r"^test-message/?$", views.TestMessage.as_view(), name="test-message"),
]
