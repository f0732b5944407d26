"""Routes of tokens, under `/api/`."""

from django.urls import re_path
from rest_framework_simplejwt import views as jwt

from stoory.accounts.views import LogOutEverywhere

urlpatterns = [
    re_path(r"^token/?$", jwt.TokenObtainPairView.as_view(), name="token"),
    re_path(r"^token/refresh/?$", jwt.TokenRefreshView.as_view(), name="token-refresh"),
    re_path(r"^token/verify/?$", jwt.TokenVerifyView.as_view(), name="token-verify"),
    re_path(r"^token/revoke/?$", jwt.TokenBlacklistView.as_view(), name="token-revoke"),
    re_path(r"^token/revoke-all/?$", LogOutEverywhere.as_view(), name="token-revoke-all"),
]
