"""The base of every REST view."""

from typing import Any

from rest_framework.generics import GenericAPIView
from rest_framework.serializers import Serializer


class ApiView(GenericAPIView[Any]):
    """A view whose serializer, where it has one, only draws the browsable API's form."""

    serializer_class = Serializer

    @property
    def actor(self) -> str:
        """The id of who asks."""
        return str(self.request.user.pk)

    def get_queryset(self) -> Any:
        return None
