"""What is to be compared with an account's public posts before it speaks again, and why that could not be done."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INSTANT = sa.String(32).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Adds the two columns. A ledger that is in use knows its posts: nothing is to be compared."""
    anew: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("accounts", recreate=anew) as batch:
        batch.add_column(sa.Column("compare_since", _INSTANT))
        batch.add_column(sa.Column("compare_trouble", sa.Text))
