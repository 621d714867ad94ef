"""Many machines: a worker on each, one PostgreSQL ledger for all, and Procrastinate, which decides who works when.

The engine holds no truth of ours. A job means no more than: look after this account now. The ledger says what is due,
and keeps the promises, whoever looks and how often. What the engine forgets (its jobs stay "doing" for ever when a
process is killed), every worker's own look round finds again from the ledger.
"""

from __future__ import annotations

from socrbot.cluster.engine import address
from socrbot.cluster.server_clock import ServerClock
from socrbot.cluster.worker import Worker

__all__ = ["ServerClock", "Worker", "address"]
