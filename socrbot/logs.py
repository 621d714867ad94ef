"""The running log: one structured line for each thing that happens, with a stable action word and no secret.

In the service each line is JSON; in a terminal it is readable. What the libraries log (warnings and worse) goes the
same way. This is for whoever runs the bot; the history that staff read is in the ledger.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO

from socrbot.redact import Redactor

Say = Callable[..., None]
# What somebody has to look at is a warning, the rest is information.
_WORTH_A_LOOK = frozenset({"failed", "unknown", "missed", "held", "lost", "asks", "crashed", "clock-jumped"})


def configure(*, redact: Redactor, as_json: bool, stream: TextIO | None = None) -> Say:
    """Sets the log up for this process and returns `say(action, **fields)`."""
    import structlog

    out = stream or sys.stderr
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.EventRenamer("action"),
    ]
    if as_json:
        renderer: Any = structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=out.isatty(), event_key="action")
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _redacting(redact),
            renderer,
        ],
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
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


def _redacting(redact: Redactor) -> Callable[..., MutableMapping[str, Any]]:
    def processor(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {name: redact(value) if isinstance(value, str) else value for name, value in event.items()}

    return processor
