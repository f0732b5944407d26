"""The base of every REST view."""

from collections.abc import Mapping
from typing import Any

from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from stoory import logs
from stoory.http import Input, parse
from stoory.limits import Limit
from stoory.payloads import check_identity

ABOUT = ("conversation_id", "message_id")
"""What of a route's parameters its lines in the log have as well."""


class ApiView(GenericAPIView[Any]):
    """A view whose serializer, where it has one, only draws the browsable API's form.

    `limits` says by method as what a request is counted, where it is not `other`.
    """

    serializer_class = Serializer
    limits: Mapping[str, Limit] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check who asks and how often; lines from here on say who it is, and what about."""
        super().initial(request, *args, **kwargs)
        about = {name: str(value)[:64] for name, value in kwargs.items() if name in ABOUT}
        logs.add(**about | ({"user_id": self.actor} if request.user.is_authenticated else {}))

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
