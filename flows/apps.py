from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "flows"
    verbose_name = "Flows"

    def ready(self) -> None:
        from conversations import guides
        from flows import migrating, settling, versions  # noqa: F401  # register the command handlers
        from flows.guide import FlowGuide

        guides.install(FlowGuide())
