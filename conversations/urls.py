"""`/api/campaigns…` (seed 001) and `/api/conversations…`."""

from django.urls import re_path

from conversations import views

urlpatterns = [
    re_path(r"^campaigns/(?P<campaign_id>[^/]+)/updates/?$", views.CampaignUpdates.as_view(), name="campaign-updates"),
    re_path(r"^conversations/(?P<conversation_id>[^/]+)/members/?$", views.Members.as_view(), name="members"),
]
