from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "flows"
    verbose_name = "Flows"

    def ready(self) -> None:
        from conversations import guides
        from flows import migrating, oversight, reports, settling, versions  # noqa: F401  # register the command handlers
        from flows.figures import states_entered
        from flows.guide import FlowGuide
        from stoory import metrics

        guides.install(FlowGuide())
        metrics.watch("flows", states_entered)
