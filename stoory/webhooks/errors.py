"""How a request about webhooks can fail."""

from stoory.errors import NotFound


class WebhookNotFound(NotFound):
    """Webhook not found"""
