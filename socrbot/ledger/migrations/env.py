"""Alembic's entry: runs the migrations on the connection, and in the transaction, that the ledger hands over.

For a new migration: `alembic` needs no database here; write versions/000N_what_changes.py by hand, after schema.py.
"""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
