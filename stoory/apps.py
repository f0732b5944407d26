from django.apps import AppConfig


class StooryConfig(AppConfig):
    name = "stoory"
    verbose_name = "stoory"
