from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "stoory.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks"

    def ready(self) -> None:
        from stoory.webhooks import services  # noqa: F401  # registers the command handlers
