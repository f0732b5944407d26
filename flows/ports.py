"""What flows ask of the world, as a port: escrow and support. A provider behind it is named by `FLOW_PROVIDER`.

Every call carries the `key` of its effect: a provider does what one key asks for once, however often it is asked, and
answers as it did the first time. Calls come from several threads and processes, outside of any transaction.
"""

from typing import Protocol

import msgspec

from stoory.payloads import JsonValue

Receipt = dict[str, JsonValue]
"""What a provider has to say about a call: the names that it gave to things, kept with the effect."""


class Deal(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation that a call is about, who its parties are, and the step that led to the call."""

    conversation_id: str
    conversation_type: str
    source_id: str | None
    campaign_id: str | None
    currency: str
    brand_owner_id: str | None
    influencer_id: str | None
    reason: str
    inputs: dict[str, JsonValue]


class ProviderError(Exception):
    """The provider did not do what it was asked for."""


class ProviderUnavailable(ProviderError):
    """It may do so later: the call is repeated, with the same key."""


class ProviderRefused(ProviderError):
    """It never will: the effect has failed, and staff has to see to it."""


class Escrow(Protocol):
    """Holds the money of a deal. Amounts are decimals as text, in the deal's currency.

    What it reports of its own accord (`payment.captured`, …) comes in as an event. Methods raise `ProviderError`s.
    """

    def create_order(self, *, key: str, deal: Deal, agreed_amount: str) -> Receipt:
        """Ask the brand owner for the money; `payment.captured` or `payment.failed` follows."""

    def void(self, *, key: str, deal: Deal) -> Receipt:
        """Withdraw the deal's open orders."""

    def hold(self, *, key: str, deal: Deal, payment_id: str) -> Receipt:
        """Keep a payment that has arrived."""

    def release(self, *, key: str, deal: Deal, payment_id: str) -> Receipt:
        """Pay a held payment out to the influencer; `payout.succeeded` or `payout.failed` follows."""

    def refund(self, *, key: str, deal: Deal, payment_id: str) -> Receipt:
        """Give a payment back, once: there is one key for each payment, whatever asks for it."""


class Support(Protocol):
    """People who see to what a flow can't decide. Methods raise `ProviderError`s."""

    def open_ticket(self, *, key: str, deal: Deal) -> Receipt:
        """Have somebody look at the deal."""

    def escalate(self, *, key: str, deal: Deal) -> Receipt:
        """Have somebody look at it who has not done so in time."""


class Provider(Protocol):
    """Both of them. An effect `escrow.hold` is a call of `hold` of its `escrow`."""

    @property
    def escrow(self) -> Escrow: ...

    @property
    def support(self) -> Support: ...
