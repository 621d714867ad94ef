"""`init`: the files of an empty campaign, ready to be filled in. `schema`: the JSON Schemas of the files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from socrbot.cli.files import write_whole
from socrbot.errors import SettingsError

FILES = {
    "config/campaign.yaml": """\
# yaml-language-server: $schema=../schemas/campaign.schema.json
# The campaign as a whole. Put in your own name, hashtag and addresses.
name: Our campaign
hashtag: "#OurCampaign"
time_zone: Europe/London
language: en-GB

# What you ask people to do. Posts use these by name: {{ link('petition') }}.
# Put in the real address: until then no post with it leaves the outbox.
links:
  petition:
    title: Sign the petition
    url: https://example.org/petition

# Weekly times. A post without a time of its own waits in the queue of the default one.
slots:
  weekly: wednesday 12:15
default_slot: weekly

quiet_hours: 21:30-07:00
spacing: 45 minutes
grace: 2 hours
""",
    "config/accounts.yaml": """\
# yaml-language-server: $schema=../schemas/accounts.schema.json
# Where posts go. Passwords and keys never stand here: they stand in .env, and `socrbot connect NETWORK` writes them
# there. An account that is not connected does no harm. Take out what you will never use.
accounts:
  outbox:
    network: outbox
    title: The outbox on this computer, for trying things out
  bluesky:
    network: bluesky
  x:
    network: x
  facebook:
    network: facebook
""",
    "config/facts.yaml": """\
# yaml-language-server: $schema=../schemas/facts.schema.json
# What you say, where you have it from, and by when somebody must look again.
# Posts use them by name: {{ fact('example') }}. A fact that is not checked again in time holds its posts back.
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
# yaml-language-server: $schema=../schemas/posts.schema.json
# The shortest post: a text. Its name is the file's name, and it waits in the default queue.
text: |
  Hello. This is our first post.

  {{ link('petition') }}
""",
    ".gitignore": """\
# Passwords, and what the bot keeps for itself.
.env
data/
""",
    ".env.example": """\
# Copy this file to .env and fill in what you have, or let `socrbot connect NETWORK` do it for you.
# .env holds passwords: keep it to yourself, and never commit it.

# Who is told when something needs a person: Apprise addresses, separated by spaces. https://appriseit.com lists them.
# SOCRBOT_ALARM_URLS=mailto://user:password@example.org
# Your name in the log, when you pause, retry or settle something. Default: the name that you are logged in with.
# SOCRBOT_PERSON=
""",
}


def start_campaign(folder: Path) -> Iterator[str]:
    """Writes the files, and says what to do next. Raises SettingsError where there is a campaign already.

    A file of that name that is there already (a .gitignore, say) is left as it is.
    """
    from datetime import timedelta

    from socrbot.clock import SystemClock

    if (folder / "config").exists() or (folder / "posts").exists():
        raise SettingsError(f"{folder} has a config/ or posts/ folder already. Choose another folder.")
    today = SystemClock().now().date()
    next_year = today + timedelta(days=365)
    for name, content in FILES.items():
        path = folder / name
        if path.exists():
            yield f"Left as it was: {path}"
            continue
        write_whole(path, content.replace("{today}", str(today)).replace("{next_year}", str(next_year)))
        yield f"Wrote {path}"
    for path in write_schemas(folder / "schemas"):
        yield f"Wrote {path}"
    (folder / "media").mkdir(exist_ok=True)
    yield ""
    yield "What to do now"
    yield f"Go there: cd {folder}"
    yield "Write your first post in posts/first-post.yaml, then look at it: socrbot preview"
    yield "See whether everything is right: socrbot check"
    yield "Watch a week go by, with nothing leaving this computer: socrbot demo"


def write_schemas(folder: Path) -> Iterator[Path]:
    """Writes the JSON Schemas of the files into a folder; gives the paths, one after the other."""
    import json

    from socrbot import source

    for kind, content in source.schemas().items():
        path = folder / f"{kind}.schema.json"
        write_whole(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
        yield path
