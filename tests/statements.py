"""What a ledger asks its database, by both ways that a statement can take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from socrbot.ledger import prepared


@contextmanager
def statements(engine: Engine, note: Callable[[str, Any], None]) -> Iterator[None]:
    """Gives each statement and its parameters to `note` before it is run."""
    real = prepared.hand_over

    def ordinary(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        note(statement, parameters)

    def handing_over(raw: Any, sql: str, parameters: Any = ()) -> Any:
        note(sql, parameters)
        return real(raw, sql, parameters)

    sa.event.listen(engine, "before_cursor_execute", ordinary)
    try:
        with mock.patch.object(prepared, "hand_over", handing_over):
            yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", ordinary)
