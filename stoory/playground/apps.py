from django.apps import AppConfig


class PlaygroundConfig(AppConfig):
    name = "stoory.playground"
    label = "playground"
    verbose_name = "Playground"
