"""Several machines on one PostgreSQL ledger."""
