"""What follows a post: its price, how people took it, its deletion, and the end of an account's access.

A migration says in full what changes; it never takes it from the schema, which goes on changing.
"""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INSTANT = sa.String(32).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Adds the columns, the table and the indexes."""
    _add("accounts", sa.Column("access_ends_at", _INSTANT), sa.Column("access_looked_at", _INSTANT))
    _add("parts", sa.Column("gone_at", _INSTANT))
    _add("attempts", sa.Column("cost", sa.Float))
    op.create_table(
        "metrics",
        sa.Column("delivery_id", sa.Integer, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("likes", sa.Integer, nullable=True),
        sa.Column("replies", sa.Integer, nullable=True),
        sa.Column("shares", sa.Integer, nullable=True),
        sa.Column("views", sa.Integer, nullable=True),
        sa.PrimaryKeyConstraint("delivery_id", "part", "at", name="pk_metrics"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_metrics_delivery_id", ondelete="RESTRICT"),
    )
    public, costs = sa.text("state = 'sent' AND gone_at IS NULL"), sa.text("cost IS NOT NULL")
    op.create_index("ix_parts_public", "parts", ["sent_at"], sqlite_where=public, postgresql_where=public)
    op.create_index("ix_attempts_cost", "attempts", ["started_at"], sqlite_where=costs, postgresql_where=costs)


def _add(table: str, *columns: sa.Column[object]) -> None:
    anew: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table(table, recreate=anew) as batch:
        for column in columns:
            batch.add_column(column)
