"""Guided conversations under `/api/messages/conversations`, flows under `/api/flows`; a last slash is optional."""

from django.urls import re_path

from flows import insight_views, provider_events, staff_views, version_views, views
from flows.commands import DismissEffect, RetryEffect
from flows.schema import NAME

CONVERSATION = r"^messages/conversations/(?P<conversation_id>[^/]+)"
EFFECT = rf"{CONVERSATION}/effects/(?P<effect_id>[0-9]{{1,18}})"
FLOW = rf"^flows/(?P<key>{NAME})"
VERSION = rf"{FLOW}/versions/(?P<number>[0-9]{{1,9}})"

urlpatterns = [
    re_path(r"^flows/events/?$", provider_events.ProviderEvents.as_view(), name="provider-events"),
    re_path(rf"{CONVERSATION}/actions/?$", views.Actions.as_view(), name="actions"),
    re_path(rf"{CONVERSATION}/transitions/?$", views.Transitions.as_view(), name="transitions"),
    re_path(rf"{CONVERSATION}/flow/?$", staff_views.ConversationFlow.as_view(), name="conversation-flow"),
    re_path(rf"{CONVERSATION}/staff-actions/?$", staff_views.StaffActions.as_view(), name="staff-actions"),
    re_path(rf"{CONVERSATION}/force-transition/?$", staff_views.ForceTransition.as_view(), name="force-transition"),
    re_path(rf"{CONVERSATION}/pause/?$", staff_views.Pause.as_view(), name="pause-flow"),
    re_path(rf"{CONVERSATION}/resume/?$", staff_views.Resume.as_view(), name="resume-flow"),
    re_path(rf"{EFFECT}/retry/?$", staff_views.Effect.as_view(command=RetryEffect), name="retry-effect"),
    re_path(rf"{EFFECT}/dismiss/?$", staff_views.Effect.as_view(command=DismissEffect), name="dismiss-effect"),
    re_path(r"^flows/?$", version_views.Flows.as_view(), name="flows"),
    re_path(r"^flows/schema\.json$", insight_views.Schema.as_view(), name="flow-schema"),
    re_path(rf"{FLOW}/analytics/?$", insight_views.Analytics.as_view(), name="flow-analytics"),
    re_path(rf"{FLOW}/versions/?$", version_views.Versions.as_view(), name="flow-versions"),
    re_path(rf"{VERSION}/?$", version_views.Version.as_view(), name="flow-version"),
    re_path(rf"{VERSION}/validate/?$", version_views.Validate.as_view(), name="validate-flow"),
    re_path(rf"{VERSION}/publish/?$", version_views.Publish.as_view(), name="publish-flow"),
    re_path(rf"{VERSION}/retire/?$", version_views.Retire.as_view(), name="retire-flow"),
    re_path(rf"{VERSION}/clone/?$", version_views.Clone.as_view(), name="clone-flow"),
    re_path(rf"{VERSION}/migrate/?$", version_views.Migrate.as_view(), name="migrate-flow"),
    re_path(rf"{VERSION}/simulate/?$", insight_views.Simulate.as_view(), name="simulate-flow"),
    re_path(rf"{VERSION}/diff/?$", insight_views.Diff.as_view(), name="flow-diff"),
    re_path(rf"{VERSION}/graph\.svg$", insight_views.Picture.as_view(), name="flow-graph"),
    re_path(rf"{VERSION}/mermaid/?$", insight_views.Mermaid.as_view(), name="flow-mermaid"),
    re_path(rf"{VERSION}/schema\.json$", insight_views.Schema.as_view(), name="flow-version-schema"),
]
