"""Whether what a server says is what a document shows: the same, but for ids, times and tokens, which are born anew."""

import re
from typing import Any

LEFT_OUT = "…"

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
BORN_ANEW = (UUID, re.compile(r"eyJ.+"))
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Bindings:
    """Which real value each shown id or token stands for; the same one wherever it is shown."""

    def __init__(self) -> None:
        self._real: dict[str, str] = {}

    def filled_in(self, text: str) -> str:
        """Return `text` with the real values known so far."""
        for shown, real in self._real.items():
            text = text.replace(shown, real)
        return text

    def match(self, shown: Any, real: Any, where: str = "$") -> None:
        """Fail unless `real` is as `shown`."""
        match shown:
            case str() if shown == LEFT_OUT:
                pass
            case dict():
                self._match_objects(shown, real, where)
            case list():
                assert isinstance(real, list), f"{where} is {real!r}"
                assert len(real) == len(shown), f"{where} has {len(real)} items, not {len(shown)}"
                for index, (inner_shown, inner_real) in enumerate(zip(shown, real, strict=True)):
                    self.match(inner_shown, inner_real, f"{where}[{index}]")
            case str() if isinstance(real, str):
                self._match_texts(shown, real, where)
            case _:
                assert (type(shown), shown) == (type(real), real), f"{where} is {real!r}, not {shown!r}"

    def _match_objects(self, shown: dict[str, Any], real: Any, where: str) -> None:
        assert isinstance(real, dict), f"{where} is {real!r}"
        expected, found = set(shown) - {LEFT_OUT}, set(real)
        if LEFT_OUT in shown:
            found &= expected
        assert found == expected, f"{where}: {sorted(found ^ expected)} on one side only"
        for key in expected:
            self.match(shown[key], real[key], f"{where}.{key}")

    def _match_texts(self, shown: str, real: str, where: str) -> None:
        if any(kind.fullmatch(shown) and kind.fullmatch(real) for kind in BORN_ANEW):
            bound = self._real.setdefault(shown, real)
            assert bound == real, f"{where} is {real!r}, but {shown!r} was {bound!r} before"
        elif not (TIME.fullmatch(shown) and TIME.fullmatch(real)):
            assert shown == real, f"{where} is {real!r}, not {shown!r}"
