"""Whether a trial was right: the networks' own record against what the ledger says. The ledger alone proves nothing."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.faults.lives import Trial

Rows = list[tuple[Any, ...]]


def judge(trial: Trial) -> list[str]:
    """What is wrong, in words that begin with TWICE, LOST, LIE, WIRE or DAMAGED; nothing where all is right."""
    ask = trial.postgres.rows if trial.postgres else _sqlite(trial)
    told, wrong = trial.theatre.servers.told(), list[str]()
    network = trial.stage.scene.network
    public = {name: [(i, _first_line(text)) for i, text in posts] for name, (posts, _, _) in told.items()}
    public["outbox"] = _files(trial)
    for name, (_, calls, violations) in told.items():
        intents = int(ask(f"SELECT count(*) FROM attempts a {_OF} WHERE d.account = '{name}'")[0][0])
        if calls > intents:
            wrong.append(f"WIRE {name}: asked {calls} times, {intents} intents")
        wrong += [f"WIRE {name}: {violation}" for violation in violations]
    wrong += _twice(public) + _held_against(trial, ask, public, network)
    if trial.postgres is None and ask("PRAGMA integrity_check") != [("ok",)]:
        wrong.append("DAMAGED ledger")
    return wrong


_OF = "JOIN deliveries d ON d.id = a.delivery_id"


def _sqlite(trial: Trial) -> Callable[[str], Rows]:
    def ask(query: str) -> Rows:
        raw = sqlite3.connect(trial.data / "ledger.sqlite")
        try:
            return raw.execute(query).fetchall()
        finally:
            raw.close()

    return ask


def _twice(public: dict[str, list[tuple[str, str]]]) -> list[str]:
    counted = {name: Counter(text for _, text in posts) for name, posts in public.items()}
    return [f"TWICE {name}: {text}" for name, texts in counted.items() for text, n in texts.items() if n > 1]


def _held_against(trial: Trial, ask: Callable[[str], Rows], public: dict[str, Any], network: str) -> list[str]:
    """Each delivery is there and sent, or held where that is right; sent means: exactly one there, with that id."""
    wrong, expected = list[str](), trial.stage.expected()
    states = {(p, a): (s, r) for p, a, s, r in ask("SELECT post, account, state, reason FROM deliveries")}
    receipts = {
        (post, account, number): json.loads(receipt) if isinstance(receipt, str) else receipt
        for post, account, number, receipt in ask(
            f"SELECT d.post, d.account, a.number, a.receipt FROM parts a {_OF} WHERE a.receipt IS NOT NULL"
        )
    }
    for (post, account, part), words in expected.items():
        state, reason = states.get((post, account), ("none", None))
        there = [number for number, text in public[account] if text == words]
        receipt = receipts.get((post, account, part))
        if state == "held" and reason == "over-budget" and post in trial.stage.scene.holds:
            wrong += [f"LIE {post} on {account}: held, and {there} is public"] if there else []
        elif state != "sent":
            wrong.append(f"LOST {post} on {account}: {state} ({reason}), public: {there}")
        elif there != [receipt and receipt["id"]]:
            wrong.append(f"LIE {post} on {account}, part {part}: sent as {receipt and receipt['id']}, public: {there}")
    if len(states) != len({(post, account) for post, account, _ in expected}):
        wrong.append(f"LOST deliveries: {sorted(states)}")
    sent = [state for (_, account), (state, _) in states.items() if account == network]
    if trial.stage.scene.holds and sent.count("held") != 1:
        wrong.append(f"LIE the budget lets one post out: {sent}")
    return wrong


def _files(trial: Trial) -> list[tuple[str, str]]:
    folder = trial.data / "accounts" / "outbox"
    found = [(str(path.relative_to(folder)), path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.md"))]
    return [
        (name, next(_first_line(line) for line in text.splitlines() if line.startswith("Words")))
        for name, text in found
    ]


def _first_line(text: str) -> str:
    """The words by which a post is known: up to the first full stop."""
    return text.partition(".")[0] + "."
