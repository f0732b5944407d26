from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "stoory.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from stoory import events
        from stoory.accounts import services, token_memory  # noqa: F401  # the first registers the command handlers

        events.subscribe(token_memory.memory.heard)
