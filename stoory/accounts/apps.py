from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "stoory.accounts"
    label = "accounts"
    verbose_name = "Accounts"
