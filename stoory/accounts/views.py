"""REST for one's own account."""

from typing import Any

import msgspec
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from stoory.accounts.commands import RevokeTokens
from stoory.api import ApiView
from stoory.commands import execute
from stoory.documents.fields import UserId


class Whose(msgspec.Struct):
    """The body of a logout; staff may name somebody else."""

    account_id: UserId | None = None


class WhoseForm(serializers.Serializer[Any]):
    account_id = serializers.CharField(required=False)


class LogOutEverywhere(ApiView):
    """Make all your tokens void, and close all your sockets; staff may name somebody else: `{account_id?}`."""

    serializer_class = WhoseForm

    def post(self, request: Request) -> Response:
        body = self.body(Whose)
        execute(RevokeTokens(actor=self.actor, user_id=self.actor if body.account_id is None else body.account_id))
        return Response({"success": True})
