from django.apps import AppConfig


class BackstageConfig(AppConfig):
    name = "stoory.backstage"
    label = "backstage"
    verbose_name = "Backstage"

    def ready(self) -> None:
        from stoory.backstage import services  # noqa: F401  # registers the command handlers
