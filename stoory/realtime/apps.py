from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "stoory.realtime"
    label = "realtime"
    verbose_name = "Realtime"
