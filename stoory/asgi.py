"""The composition root: sockets to the realtime node, everything else to Django."""

import os

import django
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoory.settings")
django.setup()

from stoory.realtime.application import Application  # noqa: E402  # needs the app registry
from stoory.realtime.node import Node  # noqa: E402

application = Application(Node(), get_asgi_application())
