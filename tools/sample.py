"""A small campaign in a folder of its own, to try what the documentation shows. Its day is 1 December 2026."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from socrbot import networks, source
from socrbot.checking import Checker
from socrbot.delivery import Delivery, Kind, State
from socrbot.errors import Problem
from socrbot.media import Assets
from socrbot.rules.base import History

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)

_FILES = {
    "config/campaign.yaml": """\
name: Save Our Children's Rights
hashtag: "#SaveOurChildrensRights"
time_zone: Europe/London
language: en-GB
links:
  petition: {title: Sign the petition, url: https://petition.parliament.uk/}
  mp-letter: {title: Write to your MP, url: https://www.writetothem.com/}
slots:
  monday-rights: monday 08:30
  wednesday-action: wednesday 12:15
default_slot: wednesday-action
quiet_hours: 21:30-07:00
spacing: 45 minutes
""",
    "config/accounts.yaml": """\
accounts:
  outbox: {network: outbox}
  x: {network: x}
  facebook: {network: facebook}
  bluesky: {network: bluesky}
  telegram: {network: telegram}
""",
    "config/facts.yaml": """\
facts:
  tribunal-success:
    statement: Families succeed in 98.3% of their appeals
    figure: 98.3%
    source: {title: Tribunal statistics}
    check_again: 2027-12-15
  law: {statement: The law is of 2014, figure: "2014", source: {title: The Act}, check_again: 2031-12-31}
  old-figure: {statement: Half of all plans came in time, retired: There is a newer figure.}
  last-year: {statement: Half of all plans came in time, source: {title: Figures}, check_again: 2026-11-30}
  this-month: {statement: Half of all plans came in time, source: {title: Figures}, check_again: 2026-12-10}
  no-source: {statement: Half of all plans came in time}
""",
}


def make(root: Path) -> None:
    """Writes the campaign's files, with one picture and no posts."""
    for name, text in _FILES.items():
        write(root, name, text)
    (root / "posts").mkdir()
    (root / "media").mkdir()
    shutil.copy(ROOT / "media" / "card-because.png", root / "media" / "card.png")


def write(root: Path, name: str, text: str) -> None:
    """Writes a file; of a file under config/ only the top keys that `text` has are replaced."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and name.startswith("config/"):
        text = "".join(({**_sections(path.read_text(encoding="utf-8")), **_sections(text)}).values())
    path.write_text(text, encoding="utf-8")


def check(root: Path, *, sent: str | None = None) -> Iterable[Problem]:
    """Every problem that `socrbot check` would find on that day, with a ledger that is a year old.

    The ledger is empty, but for the post `sent` (an id), which went out in March.
    """
    loaded = source.load(root, inspect=Assets(root).inspect)
    if loaded.campaign is None:
        return loaded.problems
    history = History.of([_delivery(sent)] if sent else [], since=NOW.replace(year=2025))
    checker = Checker(tuple(networks.NETWORKS), lambda accounts: networks.capabilities_by_account(accounts, None))
    return checker.check(loaded.campaign, loaded.problems, loaded.faulty, now=NOW, history=history).problems


def _delivery(post: str) -> Delivery:
    march = datetime(2026, 3, 7, 19, 0, tzinfo=UTC)
    return Delivery(
        id=1,
        post=post,
        account="x",
        network="x",
        occurrence="once",
        kind=Kind.ONCE,
        state=State.SENT,
        nominal=march,
        due_at=march,
        grace_until=march,
    )


def _sections(text: str) -> dict[str, str]:
    """The text cut at its top keys: key -> its lines."""
    starts = [found.start() for found in re.finditer(r"^\w+:", text, re.MULTILINE)]
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]
    return {piece.partition(":")[0]: piece if piece.endswith("\n") else f"{piece}\n" for piece in pieces}
