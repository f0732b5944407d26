"""A provider that moves nothing: for the demo and for tests. It remembers each key and counts how often it was asked.

With `SANDBOX_ANSWERS` it is also the world behind the provider: an order is paid and a payout succeeds at once.
"""

import hashlib
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from flows.commands import ReceiveProviderEvent
from flows.errors import Busy
from flows.models import SandboxCall
from flows.ports import Deal, ProviderRefused, ProviderUnavailable, Receipt
from stoory.accounts.models import SYSTEM_USER_ID
from stoory.commands import execute


class SandboxEscrow:
    """Pretends to hold money."""

    def create_order(self, *, key: str, deal: Deal, agreed_amount: str) -> Receipt:
        order = {"order_id": _name("order", key)}
        receipt = _called("escrow.create_order", key, deal, order, agreed_amount=agreed_amount)
        _report("payment.captured", key, deal, payment_id=_name("payment", key))
        return receipt

    def void(self, *, key: str, deal: Deal) -> Receipt:
        return _called("escrow.void", key, deal, {})

    def hold(self, *, key: str, deal: Deal, payment_id: str) -> Receipt:
        return _called("escrow.hold", key, deal, {"hold_id": _name("hold", key)}, payment_id=payment_id)

    def release(self, *, key: str, deal: Deal, payment_id: str) -> Receipt:
        payout = {"payout_id": _name("payout", key)}
        receipt = _called("escrow.release", key, deal, payout, payment_id=payment_id)
        _report("payout.succeeded", key, deal)
        return receipt

    def refund(self, *, key: str, deal: Deal, payment_id: str) -> Receipt:
        return _called("escrow.refund", key, deal, {"refund_id": _name("refund", key)}, payment_id=payment_id)


class SandboxSupport:
    """Pretends that somebody reads tickets."""

    def open_ticket(self, *, key: str, deal: Deal) -> Receipt:
        return _called("support.open_ticket", key, deal, {"ticket_id": _name("ticket", key)})

    def escalate(self, *, key: str, deal: Deal) -> Receipt:
        return _called("support.escalate", key, deal, {"ticket_id": _name("ticket", key)})


class Sandbox:
    """Both, over one table."""

    escrow = SandboxEscrow()
    support = SandboxSupport()


@transaction.atomic
def _called(effect: str, key: str, deal: Deal, result: Receipt, **arguments: Any) -> Receipt:
    """Note a call and return what its key was answered the first time; raises `ProviderRefused` for another call's."""
    asked = {"conversation_id": deal.conversation_id, **arguments}
    call, _ = SandboxCall.objects.get_or_create(
        key=key, defaults={"effect": effect, "arguments": asked, "result": result}
    )
    SandboxCall.objects.filter(pk=key).update(calls=F("calls") + 1)
    if (call.effect, call.arguments) != (effect, asked):
        raise ProviderRefused("This key was used for another call.")
    return dict(call.result)


def _name(kind: str, key: str) -> str:
    """Return the name of what a key made: always the same one."""
    return f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _report(event: str, key: str, deal: Deal, **data: Any) -> None:
    if not settings.SANDBOX_ANSWERS:
        return
    try:
        execute(
            ReceiveProviderEvent(
                actor=SYSTEM_USER_ID,
                event_id=_name(event, key),
                event=event,
                conversation_id=deal.conversation_id,
                data=data,
            )
        )
    except Busy as error:
        raise ProviderUnavailable(error.message) from error
