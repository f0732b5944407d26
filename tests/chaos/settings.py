"""The product's settings, for servers that tests treat badly: what their environment names as faults of the bus."""

import os

from stoory.settings import *
from stoory.settings import CHANNEL_LAYERS, REDIS_URL

if REDIS_URL and os.environ.get("BUS_FAULTS"):
    CHANNEL_LAYERS["default"]["BACKEND"] = "tests.chaos.layer.FaultyLayer"
