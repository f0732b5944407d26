"""`/api/campaigns…` (seed 001)."""

from django.urls import re_path

from conversations import views

urlpatterns = [
    re_path(r"^campaigns/(?P<campaign_id>[^/]+)/updates/?$", views.CampaignUpdates.as_view(), name="campaign-updates"),
]
