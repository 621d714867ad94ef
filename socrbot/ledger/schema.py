"""The tables of the ledger, with their constraints and indexes. No query stands here.

Two databases carry the same tables: SQLite keeps an instant as text of fixed width (sortable, readable by a person),
PostgreSQL as timestamptz. JSON is kept as text, byte for byte as it was written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from socrbot.clock import as_utc
from socrbot.delivery import OPEN, SETTLED

# The newest revision under migrations/versions; a test compares the two.
REVISION = "0003"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC, in and out. A datetime without a zone raises ValueError."""

    impl = sa.String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return sa.DateTime(timezone=True) if dialect.name == "postgresql" else dialect.type_descriptor(sa.String(32))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        value = as_utc(value)
        return value if dialect.name == "postgresql" else value.isoformat(" ", "microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return as_utc(value) if dialect.name == "postgresql" else datetime.fromisoformat(value)


def clean(text: str) -> str:
    """The text without what a database refuses: NUL and lone surrogates, which a network's answer may hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def dumps(value: object) -> str:
    """JSON text, the same for the same value: keys sorted, no spaces; what JSON cannot say is said as text."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


class CleanText(TypeDecorator[str]):
    """Text that any database takes."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002  # noqa: ARG002
        return None if value is None else clean(value)


class JsonText(TypeDecorator[Any]):
    """A JSON value kept as text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002  # noqa: ARG002
        return None if value is None else clean(dumps(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002  # noqa: ARG002
        return None if value is None else json.loads(value)


def _one_of(column: str, *values: str) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("network", sa.Text, nullable=False),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("live_at", UtcDateTime),
    sa.Column("live_by", CleanText),
    sa.Column("identity", JsonText),
    sa.Column("stopped_at", UtcDateTime),
    sa.Column("stopped_reason", CleanText),
    sa.Column("wait_until", UtcDateTime),
    sa.Column("last_sent_at", UtcDateTime),
    sa.Column("access_ends_at", UtcDateTime),
    sa.Column("access_looked_at", UtcDateTime),
    sa.Column("compare_since", UtcDateTime),
    sa.Column("compare_trouble", CleanText),
    sa.CheckConstraint("(stopped_at IS NULL) = (stopped_reason IS NULL)", name="stopped"),
)

# `scope` is an account's id, or "*" for all of them.
pauses = sa.Table(
    "pauses",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("reason", CleanText, nullable=False),
    sa.Column("paused_by", CleanText, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
)

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
)

STATES = (
    "planned",
    "claimed",
    "sending",
    "sent",
    "withdrawn",
    "failed",
    "unknown",
    "held",
    "missed",
    "cancelled",
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("post", sa.Text, nullable=False),
    sa.Column("account", sa.Text, sa.ForeignKey("accounts.id", ondelete="RESTRICT"), nullable=False),
    sa.Column("network", sa.Text, nullable=False),
    sa.Column("occurrence", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("nominal", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("grace_until", UtcDateTime, nullable=False),
    sa.Column("not_before", UtcDateTime),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("parts_out", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("detail", CleanText),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("by_person", sa.Boolean, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("token", sa.Text),
    sa.Column("worker", sa.Text),
    sa.Column("lease_until", UtcDateTime),
    sa.UniqueConstraint("post", "account", "occurrence", name="uq_deliveries_identity"),
    sa.CheckConstraint(_one_of("state", *STATES), name="state"),
    sa.CheckConstraint(_one_of("kind", "once", "list", "every", "slot", "now"), name="kind"),
    sa.CheckConstraint("grace_until >= due_at", name="grace"),
    sa.CheckConstraint("attempts >= 0 AND parts_out >= 0", name="counts"),
    sa.CheckConstraint(
        "(state IN ('claimed', 'sending')) = (token IS NOT NULL) AND (token IS NULL) = (worker IS NULL)"
        " AND (token IS NULL) = (lease_until IS NULL)",
        name="in_flight",
    ),
    sa.CheckConstraint("state NOT IN ('held', 'failed', 'missed', 'cancelled') OR reason IS NOT NULL", name="reason"),
)


def state_is(*names: str, column: sa.Column[Any] = deliveries.c.state) -> sa.ColumnElement[bool]:
    """Deliveries in one of these states, written into the statement: partial indexes need the very words."""
    words: list[sa.ColumnElement[Any]] = [sa.literal_column(repr(str(name))) for name in names]
    return column == words[0] if len(words) == 1 else column.in_(words)


IS_OPEN = state_is(*sorted(OPEN))
IS_SETTLED = state_is(*sorted(SETTLED))
PLANNED = state_is("planned")
WAITING = state_is("planned", "held")
IN_FLIGHT = state_is("claimed", "sending")
URGENT = sa.and_(state_is("planned"), deliveries.c.urgent)
POSTPONED = sa.and_(state_is("planned"), deliveries.c.not_before.is_not(None))


def _partial(name: str, where: sa.ColumnElement[bool], *columns: str, unique: bool = False) -> sa.Index:
    picked = [deliveries.c[column] for column in columns]
    return sa.Index(name, *picked, unique=unique, sqlite_where=where, postgresql_where=where)


# What is looked for all the time costs by what is waiting, not by what has ever been. SQLite, which keeps no statistics
# here, takes any of the indexes that fit a question alike. So no index over everything begins with account or state,
# and of two over what waits the smaller one has a column more that its questions name.
_partial("ix_deliveries_planned", PLANNED, "account", "due_at", "id")
_partial("ix_deliveries_urgent", URGENT, "account", "urgent", "due_at", "id")
_partial("ix_deliveries_postponed", POSTPONED, "account", "not_before")
_partial("ix_deliveries_waiting", WAITING, "grace_until")
_partial("ix_deliveries_open", IS_OPEN, "state", "account", "due_at")
_partial("ix_deliveries_settled", IS_SETTLED, "state", "due_at")
_partial("uq_deliveries_in_flight", IN_FLIGHT, "account", unique=True)
sa.Index("ix_deliveries_due", deliveries.c.due_at)
sa.Index("ix_deliveries_changed", deliveries.c.changed_at)


def _delivery_id() -> sa.Column[int]:
    return sa.Column("delivery_id", sa.Integer, sa.ForeignKey("deliveries.id", ondelete="RESTRICT"), nullable=False)


parts = sa.Table(
    "parts",
    metadata,
    _delivery_id(),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("receipt", JsonText),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("gone_at", UtcDateTime),
    sa.PrimaryKeyConstraint("delivery_id", "number"),
    sa.CheckConstraint(_one_of("state", "waiting", "sending", "sent", "failed", "unknown"), name="state"),
    sa.CheckConstraint("number >= 1", name="number"),
    sa.CheckConstraint("(state = 'sent') = (receipt IS NOT NULL)", name="receipt"),
)
_PUBLIC = sa.and_(parts.c.state == sa.literal_column("'sent'"), parts.c.gone_at.is_(None))
sa.Index("ix_parts_public", parts.c.sent_at, sqlite_where=_PUBLIC, postgresql_where=_PUBLIC)

# How people took what is public: one row for each time that the network was asked.
metrics = sa.Table(
    "metrics",
    metadata,
    _delivery_id(),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("likes", sa.Integer),
    sa.Column("replies", sa.Integer),
    sa.Column("shares", sa.Integer),
    sa.Column("views", sa.Integer),
    sa.PrimaryKeyConstraint("delivery_id", "part", "at"),
)

# `intent_digest` is the SHA-256 of `payload` as it stands here.
attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _delivery_id(),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("worker", sa.Text, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("payload", JsonText, nullable=False),
    sa.Column("intent_digest", sa.Text, nullable=False),
    sa.Column("wording_digest", sa.Text, nullable=False),
    sa.Column("facts", JsonText, nullable=False),
    sa.Column("shown", JsonText, nullable=False),
    sa.Column("reply_to", JsonText),
    sa.Column("receipt", JsonText),
    sa.Column("reason", sa.Text),
    sa.Column("detail", CleanText),
    sa.Column("data", JsonText),
    sa.Column("looks", sa.Integer, nullable=False),
    sa.Column("absent_looks", sa.Integer, nullable=False),
    sa.Column("next_look_at", UtcDateTime),
    sa.Column("cost", sa.Float),
    sa.UniqueConstraint("delivery_id", "number", name="uq_attempts_number"),
    sa.CheckConstraint(_one_of("state", "open", "unknown", "sent", "not-sent", "failed"), name="state"),
    sa.CheckConstraint("part >= 1 AND part <= parts", name="part"),
    sa.CheckConstraint("(state IN ('open', 'unknown')) OR (ended_at IS NOT NULL)", name="ended"),
)
_LOOKED_FOR = attempts.c.next_look_at.is_not(None)
sa.Index("ix_attempts_look", attempts.c.next_look_at, sqlite_where=_LOOKED_FOR, postgresql_where=_LOOKED_FOR)
sa.Index("ix_attempts_wording", attempts.c.wording_digest)
_COSTS = attempts.c.cost.is_not(None)
sa.Index("ix_attempts_cost", attempts.c.started_at, sqlite_where=_COSTS, postgresql_where=_COSTS)

# Remote ids of preparing steps.
steps = sa.Table(
    "steps",
    metadata,
    _delivery_id(),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("value", CleanText, nullable=False),
    sa.Column("kept_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime),
    sa.PrimaryKeyConstraint("delivery_id", "part", "name"),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("delivery_id", sa.Integer, sa.ForeignKey("deliveries.id", ondelete="RESTRICT")),
    sa.Column("account", sa.Text),
    sa.Column("state_before", sa.Text),
    sa.Column("state_after", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("detail", CleanText),
    sa.Column("actor", CleanText, nullable=False),
    sa.Column("data", JsonText),
)
sa.Index("ix_events_delivery", events.c.delivery_id)

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Integer, nullable=False),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("beat_at", UtcDateTime, nullable=False),
)
