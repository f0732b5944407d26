"""Every operation of every application, and the words that the OpenAPI document adds to them."""

from typing import Any

from conversations.operations import OPERATIONS as OF_CAMPAIGNS
from flows.operations import OPERATIONS as OF_FLOWS
from messaging.operations import OPERATIONS as OF_MESSAGES
from stoory.accounts.operations import OPERATIONS as OF_TOKENS
from stoory.documents import fields as f
from stoory.documents.operations import Operation, Operations
from stoory.realtime.operations import OPERATIONS as OF_SOCKETS
from stoory.webhooks.operations import OPERATIONS as OF_WEBHOOKS

OF_DOCUMENTS: Operations = {
    "GET /api/schema": Operation(
        tag="Documents", summary="Read this document", answers={200: dict[str, Any]}, public=True
    ),
    "GET /api": Operation(tag="Documents", summary="List some routes to begin with", answers={200: dict[str, str]}),
}

OPERATIONS: Operations = {
    **OF_TOKENS,
    **OF_MESSAGES,
    **OF_CAMPAIGNS,
    **OF_FLOWS,
    **OF_SOCKETS,
    **OF_WEBHOOKS,
    **OF_DOCUMENTS,
}

TAGS = {
    "Tokens": "Logging in and out.",
    "Conversations": "Opening, listing and reading conversations.",
    "Members": "Who takes part in a channel.",
    "Messages": "Sending, changing, taking back, reacting.",
    "Actions": "Guided conversations: bids and campaigns.",
    "Campaigns": "What happens in a campaign.",
    "Webhooks": "Having what happens posted to an address of yours.",
    "Messenger": "The same conversations in the messenger family's words.",
    "Staff": "Seeing to guided conversations.",
    "Flows": "Definitions, their versions, how they fare.",
    "Provider": "What a payment provider reports.",
    "Documents": "What this server says of itself.",
}
PARAMETERS = {
    "conversation_id": ("A conversation's id.", "string", f.DIRECT),
    "message_id": ("A message's id.", "string", f.MESSAGE),
    "campaign_id": ("A campaign's id.", "string", f.CAMPAIGN),
    "webhook_id": ("A webhook's id.", "string", "0197f000-0000-7000-8000-00000000e001"),
    "effect_id": ("An effect's id.", "integer", 1),
    "key": ("A flow's name.", "string", "bid"),
    "number": ("A version's number.", "integer", 1),
}
"""The parameters of paths: what each is, its type, and an example."""

CONVERSATIONS = {"Actions": f.BID, "Staff": f.BID, "Members": f.CHANNEL}
"""Which conversation examples name, where a direct one won't do."""

MESSAGES = {
    "invalid_payload": "Expected `str`, got `int`",
    "not_authenticated": "Authentication credentials were not provided.",
    "invalid_token": "Invalid token",
    "token_expired": "Token expired",
    "not_found": "Conversation not found",
    "rate_limited": "Too many requests",
    "internal": "Something went wrong on our side.",
}
"""What examples of failures say, where it is not what their error says by itself."""

HERE = {"current": {"state_seq": 5, "flow_state": "brand_owner_pricing"}}
DETAILS: dict[str, dict[str, Any]] = {
    "invalid_input": {"fields": {"price": "must be between 100.00 and 11500.00"}} | HERE,
    **dict.fromkeys(("wrong_role", "stale_action", "unknown_action", "not_available", "expired", "flow_ended"), HERE),
}
"""What examples of failures hold besides."""

SIGNED = {
    "webhook-id": "The same however often it is posted.",
    "webhook-timestamp": "When this attempt was made, in seconds since 1970.",
    "webhook-signature": "As Standard Webhooks has it: `v1,` and an HMAC-SHA256 in base64.",
}
"""The headers of hooks."""

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 128, "minLength": 1},
    "description": "The same as `client_nonce`, and before it: sent again, it is the same request.",
}
