"""A provider for tests: it notes what it is asked, and fails as it is told."""

from collections.abc import Callable
from typing import Any

from flows.ports import Deal, Receipt


class Bank:
    """Escrow and support in one; each `trouble` meets one call, in order."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.deals: list[Deal] = []
        self.troubles: list[Exception] = []
        self.meanwhile: Callable[[], None] = lambda: None

    @property
    def escrow(self) -> "Bank":
        return self

    @property
    def support(self) -> "Bank":
        return self

    @property
    def methods(self) -> list[str]:
        return [method for method, _, _ in self.asked]

    @property
    def keys(self) -> list[str]:
        return [key for _, key, _ in self.asked]

    def create_order(self, *, key: str, deal: Deal, agreed_amount: str) -> Receipt:
        return self._called("create_order", key, deal, agreed_amount=agreed_amount)

    def void(self, *, key: str, deal: Deal) -> Receipt:
        return self._called("void", key, deal)

    def hold(self, *, key: str, deal: Deal, payment_id: str) -> Receipt:
        return self._called("hold", key, deal, payment_id=payment_id)

    def release(self, *, key: str, deal: Deal, payment_id: str) -> Receipt:
        return self._called("release", key, deal, payment_id=payment_id)

    def refund(self, *, key: str, deal: Deal, payment_id: str) -> Receipt:
        return self._called("refund", key, deal, payment_id=payment_id)

    def open_ticket(self, *, key: str, deal: Deal) -> Receipt:
        return self._called("open_ticket", key, deal)

    def escalate(self, *, key: str, deal: Deal) -> Receipt:
        return self._called("escalate", key, deal)

    def _called(self, method: str, key: str, deal: Deal, **arguments: Any) -> Receipt:
        self.asked.append((method, key, arguments))
        self.deals.append(deal)
        self.meanwhile()
        if self.troubles:
            raise self.troubles.pop(0)
        return {"number": len(self.asked)}
