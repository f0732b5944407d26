"""The composition root: sockets to the realtime node, everything else to Django."""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoory.settings")
django.setup()

from stoory import tracing  # noqa: E402
from stoory.handler import ThreadedHandler  # noqa: E402  # needs the app registry
from stoory.realtime.application import Application  # noqa: E402
from stoory.realtime.node import Node  # noqa: E402
from stoory.realtime.spans import TracedNode, traced_http  # noqa: E402
from stoory.webhooks.courier import Courier  # noqa: E402

tracer = tracing.tracer()
services = [Courier()] if settings.WORKER else []
if tracer is None:
    application = Application(Node(services), ThreadedHandler())
else:
    application = Application(TracedNode(tracer, services), traced_http(ThreadedHandler(), tracer))
