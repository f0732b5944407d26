"""docs/events.md says which line serves which event, and is right."""

from tests.docs.events_table import ROOT, table


def test_the_table_of_events_is_up_to_date() -> None:
    assert (ROOT / "docs" / "events.md").read_text() == table(), (
        "make it anew: python -m tests.docs.events_table > docs/events.md"
    )
