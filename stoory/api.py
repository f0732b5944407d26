"""The base of every REST view."""

from collections.abc import Mapping
from typing import Any

from rest_framework.generics import GenericAPIView
from rest_framework.serializers import Serializer

from stoory.http import Input, parse
from stoory.limits import Limit
from stoory.payloads import check_identity


class ApiView(GenericAPIView[Any]):
    """A view whose serializer, where it has one, only draws the browsable API's form.

    `limits` says by method as what a request is counted, where it is not `other`.
    """

    serializer_class = Serializer
    limits: Mapping[str, Limit] = {}

    @property
    def actor(self) -> str:
        """The id of who asks."""
        return str(self.request.user.pk)

    def body(self, kind: type[Input]) -> Input:
        """Return the request's body as a `kind`.

        Raises `InvalidPayload`, or `Forbidden` where it claims to come from somebody else.
        """
        check_identity(self.request.data, self.actor)
        return parse(kind, self.request.data)

    def get_queryset(self) -> Any:
        return None
