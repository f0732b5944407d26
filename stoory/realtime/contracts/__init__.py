"""The published wire contracts, all served at once. Adding one is a file beside these and a line here."""

from stoory.realtime.contracts.chat import CHAT
from stoory.realtime.contracts.feed import FEED
from stoory.realtime.contracts.messenger import MESSENGER
from stoory.realtime.contracts.work import WORK
from stoory.realtime.contracts.workspace import WORKSPACE

CONTRACTS = (CHAT, WORK, FEED, MESSENGER, WORKSPACE)
