"""The first form of the tables.

A migration says in full what the tables were; it never takes it from the schema, which goes on changing.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INSTANT = sa.String(32).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Makes the tables."""
    _accounts()
    _cursors()
    _meta()
    _pauses()
    _posts()
    _workers()
    _deliveries()
    _attempts()
    _events()
    _parts()
    _steps()
    _indexes()


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str = "", postgresql: str = "") -> None:
    conditions: dict[str, Any] = {}
    if where:
        conditions = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(postgresql or where)}
    op.create_index(name, table, list(columns), unique=unique, **conditions)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("network", sa.Text, nullable=False),
        sa.Column("first_seen_at", _INSTANT, nullable=False),
        sa.Column("live_at", _INSTANT, nullable=True),
        sa.Column("live_by", sa.Text, nullable=True),
        sa.Column("identity", sa.Text, nullable=True),
        sa.Column("stopped_at", _INSTANT, nullable=True),
        sa.Column("stopped_reason", sa.Text, nullable=True),
        sa.Column("wait_until", _INSTANT, nullable=True),
        sa.Column("last_sent_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.CheckConstraint("(stopped_at IS NULL) = (stopped_reason IS NULL)", name="ck_accounts_stopped"),
    )


def _cursors() -> None:
    op.create_table(
        "cursors",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("event_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_cursors"),
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )


def _pauses() -> None:
    op.create_table(
        "pauses",
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("paused_by", sa.Text, nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_pauses"),
    )


def _posts() -> None:
    op.create_table(
        "posts",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("first_seen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
    )


def _workers() -> None:
    op.create_table(
        "workers",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("beat_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("network", sa.Text, nullable=False),
        sa.Column("occurrence", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("nominal", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("grace_until", _INSTANT, nullable=False),
        sa.Column("not_before", _INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("parts_out", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("detail", sa.Text, nullable=True),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("by_person", sa.Boolean, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("token", sa.Text, nullable=True),
        sa.Column("worker", sa.Text, nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("post", "account", "occurrence", name="uq_deliveries_identity"),
        sa.CheckConstraint(
            "state IN ('planned', 'claimed', 'sending', 'sent', 'withdrawn', 'failed', 'unknown', 'held',"
            " 'missed', 'cancelled')",
            name="ck_deliveries_state",
        ),
        sa.CheckConstraint("kind IN ('once', 'list', 'every', 'slot', 'now')", name="ck_deliveries_kind"),
        sa.CheckConstraint("grace_until >= due_at", name="ck_deliveries_grace"),
        sa.CheckConstraint("attempts >= 0 AND parts_out >= 0", name="ck_deliveries_counts"),
        sa.CheckConstraint(
            "(state IN ('claimed', 'sending')) = (token IS NOT NULL) AND (token IS NULL) = (worker IS NULL) AND"
            " (token IS NULL) = (lease_until IS NULL)",
            name="ck_deliveries_in_flight",
        ),
        sa.CheckConstraint(
            "state NOT IN ('held', 'failed', 'missed', 'cancelled') OR reason IS NOT NULL", name="ck_deliveries_reason"
        ),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_deliveries_account", ondelete="RESTRICT"),
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("delivery_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("intent_digest", sa.Text, nullable=False),
        sa.Column("wording_digest", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("reply_to", sa.Text, nullable=True),
        sa.Column("receipt", sa.Text, nullable=True),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("detail", sa.Text, nullable=True),
        sa.Column("data", sa.Text, nullable=True),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("absent_looks", sa.Integer, nullable=False),
        sa.Column("next_look_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint("delivery_id", "number", name="uq_attempts_number"),
        sa.CheckConstraint("state IN ('open', 'unknown', 'sent', 'not-sent', 'failed')", name="ck_attempts_state"),
        sa.CheckConstraint("part >= 1 AND part <= parts", name="ck_attempts_part"),
        sa.CheckConstraint("(state IN ('open', 'unknown')) OR (ended_at IS NOT NULL)", name="ck_attempts_ended"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name="fk_attempts_delivery_id", ondelete="RESTRICT"
        ),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("delivery_id", sa.Integer, nullable=True),
        sa.Column("account", sa.Text, nullable=True),
        sa.Column("state_before", sa.Text, nullable=True),
        sa.Column("state_after", sa.Text, nullable=True),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("detail", sa.Text, nullable=True),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_events_delivery_id", ondelete="RESTRICT"),
    )


def _parts() -> None:
    op.create_table(
        "parts",
        sa.Column("delivery_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text, nullable=True),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("delivery_id", "number", name="pk_parts"),
        sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed', 'unknown')", name="ck_parts_state"),
        sa.CheckConstraint("number >= 1", name="ck_parts_number"),
        sa.CheckConstraint("(state = 'sent') = (receipt IS NOT NULL)", name="ck_parts_receipt"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_parts_delivery_id", ondelete="RESTRICT"),
    )


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("delivery_id", sa.Integer, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("kept_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("delivery_id", "part", "name", name="pk_steps"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_steps_delivery_id", ondelete="RESTRICT"),
    )


def _indexes() -> None:
    _index("ix_deliveries_changed", "deliveries", "changed_at")
    _index("ix_deliveries_due", "deliveries", "due_at")
    _index(
        "ix_deliveries_open",
        "deliveries",
        "state",
        "account",
        "due_at",
        where="state IN ('claimed', 'held', 'planned', 'sending', 'unknown')",
    )
    _index("ix_deliveries_planned", "deliveries", "account", "due_at", "id", where="state = 'planned'")
    _index(
        "ix_deliveries_postponed",
        "deliveries",
        "account",
        "not_before",
        where="state = 'planned' AND not_before IS NOT NULL",
    )
    _index(
        "ix_deliveries_settled",
        "deliveries",
        "state",
        "due_at",
        where="state IN ('cancelled', 'failed', 'missed', 'sent', 'withdrawn')",
    )
    _index(
        "ix_deliveries_urgent",
        "deliveries",
        "account",
        "urgent",
        "due_at",
        "id",
        where="state = 'planned' AND urgent = 1",
        postgresql="state = 'planned' AND urgent",
    )
    _index("ix_deliveries_waiting", "deliveries", "grace_until", where="state IN ('planned', 'held')")
    _index("uq_deliveries_in_flight", "deliveries", "account", unique=True, where="state IN ('claimed', 'sending')")
    _index("ix_attempts_look", "attempts", "next_look_at", where="next_look_at IS NOT NULL")
    _index("ix_attempts_wording", "attempts", "wording_digest")
    _index("ix_events_delivery", "events", "delivery_id")
