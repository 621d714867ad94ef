"""Writes small campaigns for tests: the files that a team would write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

CAMPAIGN = """\
name: Test campaign
hashtag: "#SaveOurChildrensRights"
time_zone: Europe/London
language: en-GB
grace: 2 hours
spacing: 0 minutes
links:
  petition: {title: Sign, url: https://petition.test/1}
  nowhere: {title: Not yet, url: https://example.org/nowhere}
slots:
  weekly: wednesday 12:15
default_slot: weekly
prices: {x.post: 0.015, x.post_with_link: 0.20}
"""
FACTS = """\
facts:
  tribunal:
    statement: Families succeed in 98.3% of appeals
    figure: 98.3%
    source: {title: The campaign's page}
    checked: 2026-01-01
    checked_by: team
    check_again: 2027-06-30
"""


def write(
    root: Path,
    posts: Mapping[str, str],
    *,
    accounts: Mapping[str, str] | None = None,
    campaign: str = CAMPAIGN,
    facts: str = FACTS,
) -> Path:
    """Writes `config/` and `posts/`. `posts` is file name -> YAML, `accounts` id -> network. Returns the folder."""
    accounts = {"outbox": "outbox"} if accounts is None else accounts
    lines = "".join(f"  {name}: {{network: {network}}}\n" for name, network in accounts.items())
    put(root, "config/campaign.yaml", campaign)
    put(root, "config/facts.yaml", facts)
    put(root, "config/accounts.yaml", f"accounts:\n{lines}")
    (root / "posts").mkdir(exist_ok=True)
    for name, text in posts.items():
        put(root, f"posts/{name}", dedent(text))
    return root


def put(root: Path, name: str, text: str) -> None:
    """Writes one file below the root."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
