"""`init`: the files of an empty campaign, ready to be filled in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from socrbot.errors import SettingsError

FILES = {
    "config/campaign.yaml": """\
# The campaign as a whole. Every key is explained in docs/files.md of socrbot.
# yaml-language-server: $schema=../schemas/campaign.schema.json
name: Our campaign
hashtag: "#OurCampaign"
time_zone: Europe/London
language: en-GB
links:
  petition:
    title: Sign the petition
    url: https://example.org/petition
slots:
  weekly: wednesday 12:15
default_slot: weekly
quiet_hours: 21:30-07:00
spacing: 45 minutes
grace: 2 hours
""",
    "config/accounts.yaml": """\
# Where posts go. Passwords and keys stand in .env, never here. Connect an account with: socrbot connect bluesky
# yaml-language-server: $schema=../schemas/accounts.schema.json
accounts:
  outbox:
    network: outbox
    title: The outbox on this computer, for trying things out
""",
    "config/facts.yaml": """\
# What you say, where you have it from, and by when somebody must look again.
# yaml-language-server: $schema=../schemas/facts.schema.json
facts:
  example:
    statement: This is an example of a fact
    source:
      title: Where it stands
    checked: {today}
    checked_by: your initials
    check_again: {next_year}
""",
    "posts/first-post.yaml": """\
# The shortest post: a text. Its name is the file's name, and it waits in the default queue.
# yaml-language-server: $schema=../schemas/posts.schema.json
text: |
  Hello. This is our first post.

  {{ link('petition') }}
""",
    ".gitignore": """\
.env
data/
""",
    ".env.example": """\
# Copy this file to .env and fill in what you have. `socrbot connect NETWORK` does it for you.
# Somebody to tell when something goes wrong (Apprise addresses, one or more):
# SOCRBOT_ALARM_URLS=mailto://user:password@example.org
""",
}


def start_campaign(folder: Path) -> Iterator[str]:
    """Writes the files, and says what to do next. Raises SettingsError where there is a campaign already."""
    from datetime import timedelta

    from socrbot.clock import SystemClock

    if (folder / "config").exists() or (folder / "posts").exists():
        raise SettingsError(f"{folder} has a config/ or posts/ folder already. Choose another folder.")
    today = SystemClock().now().date()
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content
        if name == "config/facts.yaml":
            text = content.format(today=today, next_year=today + timedelta(days=365))
        path.write_text(text, encoding="utf-8")
        yield f"Wrote {path}"
    (folder / "media").mkdir(exist_ok=True)
    yield ""
    yield f"Next: cd {folder}, edit posts/first-post.yaml, then: socrbot check"
