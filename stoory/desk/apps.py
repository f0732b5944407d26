from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "stoory.desk"
    label = "desk"
    verbose_name = "Desk"
