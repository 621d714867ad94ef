"""Writes large campaigns, made like a team's own: facts, links, pictures, threads, dates, slots and weekly posts.

Of ten posts three say a fact, two have a link, one a picture, one is a thread with its own wording for Facebook, one
waits in a slot. One in a hundred comes back every week. The rest have dates, sixteen a day. Five accounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

# Tuesday, half past eight in the evening in London: all dates below are still to come.
NOW = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
ACCOUNTS = ("outbox", "x", "x-wales", "facebook", "bluesky")
# Values that let an account count as connected. Nothing is sent by a benchmark.
ENV = {
    **{f"{prefix}_{name}": "made-up" for prefix in ("X", "X_WALES") for name in ("API_KEY", "API_SECRET")},
    **{
        f"{prefix}_{name}": "made-up" for prefix in ("X", "X_WALES") for name in ("ACCESS_TOKEN", "ACCESS_TOKEN_SECRET")
    },
    "FB_PAGE_ID": "1",
    "FB_PAGE_ACCESS_TOKEN": "made-up",
    "BSKY_HANDLE": "campaign.test",
    "BSKY_APP_PASSWORD": "made-up",
}

_FIRST = datetime.fromisoformat("2026-11-25T07:30")
_A_DAY = 16
_SLOTS = 20
_CONFIG = {
    "config/campaign.yaml": """\
name: Benchmark
hashtag: "#SaveOurChildrensRights"
time_zone: Europe/London
language: en-GB
quiet_hours: 21:30-07:00
spacing: 10 minutes
links:
  petition: {title: Sign the petition, url: https://petition.parliament.uk/petitions/700000}
slots:
""",
    "config/accounts.yaml": """\
accounts:
  outbox: {network: outbox}
  x: {network: x}
  x-wales: {network: x, env: X_WALES}
  facebook: {network: facebook}
  bluesky: {network: bluesky}
""",
    "config/facts.yaml": """\
facts:
  tribunal:
    statement: Families succeed in 98.3% of their appeals
    figure: 98.3%
    source: {title: Tribunal statistics, url: "https://www.gov.uk/statistics", publisher: Ministry of Justice}
    checked: 2026-11-01
    checked_by: Ann
    check_again: 2027-12-31
""",
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def write(root: Path, posts: int, *, files: int) -> list[Path]:
    """A campaign of so many posts in so many files. Returns the posts files in order."""
    slots = "".join(f"  slot-{n}: {_DAYS[n % 7]} {8 + n % 12:02}:{n * 2:02}\n" for n in range(_SLOTS))
    for name, text in _CONFIG.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + (slots if "campaign" in name else ""))
    (root / "posts").mkdir()
    _picture(root / "media" / "card.png")
    made = []
    for index in range(files):
        numbers = range(index * posts // files, (index + 1) * posts // files)
        path = root / "posts" / f"{index:06}.yaml"
        path.write_text("".join(map(post, numbers)), encoding="utf-8")
        made.append(path)
    return made


def post(number: int) -> str:
    """One post as a file has it."""
    return f"- id: post-{number}\n" + "".join(f"  {line}\n" for line in _lines(number))


def _lines(number: int) -> Iterator[str]:
    kind = number % 10
    words = f"Post {number}: the law gives every child with special needs the right to the support that they need."
    if kind == 9:
        yield from ("parts:", f"  - {_quoted(words)}", f'  - "And the second part of number {number}."')
        yield f'variants: {{facebook: {{text: "Number {number}, for readers of a longer text."}}}}'
    else:
        yield from ("text: |", f"  {words}")
    if kind < 3:
        yield "  {{ fact('tribunal').figure }} of families win – “still they wait”."
    if kind == 1:
        yield "  {% if fact('tribunal').source %}Source: {{ fact('tribunal').source.title }}{% endif %}"
    if kind in (2, 5):
        yield "link: petition"
    if kind == 4:
        yield "media: [{file: media/card.png, alt: A card with words about the law., people: no}]"
    yield f"when: {_when(number)}"
    yield "author: Ann"


def _quoted(words: str) -> str:
    return f'"{words}"'


def _when(number: int) -> str:
    if number % 10 == 0:
        return f"{{slot: slot-{number // 10 % _SLOTS}}}"
    if number % 100 == 7:
        return f"{{every: {_DAYS[number // 100 % 7]} {8 + number // 700 % 12:02}:{number // 100 % 60:02}}}"
    at = _FIRST + timedelta(days=number // _A_DAY, minutes=50 * (number % _A_DAY))
    return f"{at:%Y-%m-%d %H:%M}"


def _picture(path: Path) -> None:
    from PIL import Image

    path.parent.mkdir()
    Image.new("RGB", (1200, 675), "navy").save(path)
