from django.apps import AppConfig


class StooryConfig(AppConfig):
    name = "stoory"
    verbose_name = "stoory"

    def ready(self) -> None:
        from stoory import checks  # noqa: F401  # registers them
