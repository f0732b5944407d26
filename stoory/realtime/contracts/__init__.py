"""The published wire contracts, all served at once. Adding one is a file beside these and a line here."""

from stoory.realtime.contracts.chat import CHAT

CONTRACTS = (CHAT,)
