"""One record, one line: what a client sends cannot forge a log line or move the cursor of a terminal."""

import logging


class LineFormatter(logging.Formatter):
    """Format as `time level logger message`, with control characters of the message escaped."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03d"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = "".join(
            char if char.isprintable() else char.encode("unicode_escape", "replace").decode() for char in record.message
        )
        return super().formatMessage(record)
