"""The running log: one structured line for each thing that happens, with a stable action word and no secret.

In the service each line is JSON; in a terminal it is readable. What the libraries log (warnings and worse; everything
with SOCRBOT_DEBUG=1) goes the same way. This is for whoever runs the bot; the history that staff read is in the ledger.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TextIO

from socrbot.redact import Redactor

Say = Callable[..., None]
# What somebody has to look at is a warning, the rest is information.
_WORTH_A_LOOK = frozenset({"failed", "unknown", "missed", "held", "lost", "asks", "problem", "crashed", "clock-jumped"})


class _Redacting(logging.Formatter):
    """Lets another formatter make the line, and takes out what it must not say."""

    def __init__(self, inner: logging.Formatter, redact: Redactor) -> None:
        super().__init__()
        self._inner = inner
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """The line without secrets."""
        return self._redact(self._inner.format(record))


def configure(*, redact: Redactor, as_json: bool, stream: TextIO | None = None) -> Say:
    """Sets the log up for this process and returns `say(action, **fields)`."""
    import structlog

    out = stream or sys.stderr
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.EventRenamer("action"),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            # Before the line is made, as JSON writes some characters differently.
            _redacting(redact),
            _renderer(out, as_json=as_json),
        ],
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(_Redacting(formatter, redact))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if os.environ.get("SOCRBOT_DEBUG", "") not in ("", "0") else logging.WARNING)
    logging.getLogger("socrbot").setLevel(logging.INFO)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logger = structlog.get_logger("socrbot")

    def say(action: str, **fields: object) -> None:
        tell = logger.warning if action in _WORTH_A_LOOK else logger.info
        tell(action, **{name: value for name, value in fields.items() if value is not None})

    return say


def silent(_action: str, **_fields: object) -> None:
    """Says nothing: for commands that print their own results."""


def _renderer(out: TextIO, *, as_json: bool) -> Any:
    import structlog

    if as_json:
        return structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    colours = out.isatty() and not os.environ.get("NO_COLOR")
    return structlog.dev.ConsoleRenderer(colors=colours, event_key="action")


def _redacting(redact: Redactor) -> Callable[..., MutableMapping[str, Any]]:
    def clean(value: object) -> object:
        if isinstance(value, str):
            return redact(value)
        if isinstance(value, Mapping):
            return {str(key): clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [clean(item) for item in value]
        return value if value is None or isinstance(value, bool | int | float) else redact(str(value))

    def processor(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {name: clean(value) for name, value in event.items()}

    return processor
