from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "stoory.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from stoory.accounts import services  # noqa: F401  # registers the command handlers
