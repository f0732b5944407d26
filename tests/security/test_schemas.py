"""What is drawn from a payload's schema is such a payload; and every payload has one that is understood."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.security.events import events
from tests.security.schemas import Generator

PAYLOADS = {route.payload.__qualname__ + str(id(route.payload)): route.payload for _, _, route in events()}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=lambda payload: payload.__name__)
@settings(max_examples=20, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_drawn_is_of_the_type(payload: Any, data: st.DataObject) -> None:
    drawn = data.draw(Generator({}, st.dictionaries(st.text(max_size=3), st.booleans())).document(schema(payload)))
    msgspec.convert(drawn, payload)


def schema(payload: Any) -> dict[str, Any]:
    return msgspec.json.schema(payload)


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        Generator({}, st.none()).document({"type": "nonsense"})
