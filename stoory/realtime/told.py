"""How often each event was told, and to how many sockets."""


class Told:
    """Counts by the event's name. One addition an audience: a delivery costs nothing here."""

    __slots__ = ("deliveries", "emits")

    def __init__(self) -> None:
        self.emits: dict[str, int] = {}
        self.deliveries: dict[str, int] = {}

    def note(self, name: str, deliveries: int) -> None:
        """Count an event that so many sockets were told."""
        self.emits[name] = self.emits.get(name, 0) + 1
        self.deliveries[name] = self.deliveries.get(name, 0) + deliveries
