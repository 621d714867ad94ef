"""One post of the campaign's own, with two pictures and three parts, on every network at once, side by side.

Real servers where there are some (Bluesky, Mastodon), stand-ins for the others. `-s` prints how it reads on each.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from socrbot import networks
from socrbot.clock import VirtualClock
from socrbot.delivery import State
from socrbot.publishing.withdrawing import Withdrawer
from tests.networks.bench import Bench
from tests.networks.benches import open_bench
from tests.networks.conftest import pds, signed_in
from tests.standins.exchange import Post, Reply, Request
from tests.standins.server import Standin
from tests.vendor import ROOT
from tests.whole.bot import Bot

__all__ = ["pds", "signed_in"]

PUBLIC = [name for name in networks.NETWORKS if networks.capabilities(name).public]
# The campaign's slot on the Friday after.
FRIDAY = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)
POST = "posts/threads.yaml"


class Folder(Standin):
    """The web server that shows the public folder."""

    name = "folder"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def act(self, request: Request) -> Reply:
        path = self.folder / request.path.lstrip("/")
        if not path.is_file():
            return Reply(404, b"")
        kind = {".jpg": "image/jpeg", ".png": "image/png"}[path.suffix]
        return Reply(200, path.read_bytes(), {"Content-Type": kind})


@dataclass
class Everywhere:
    """The bot, and what the public of each network sees."""

    bot: Bot
    benches: Mapping[str, Bench]
    folder: Path

    def seen(self, network: str) -> list[Post]:
        return list(self.benches[network].standin.visible)


@pytest.fixture
def everywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Everywhere]:
    """The campaign's own files, with an account on every network."""
    clock = VirtualClock(datetime(2026, 11, 24, 20, 30, tzinfo=UTC))
    for name in ("config", "media"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "posts").mkdir()
    shutil.copy(ROOT / POST, tmp_path / POST)
    with ExitStack() as stack:
        (tmp_path / "public").mkdir()
        web = stack.enter_context(Folder(tmp_path / "public"))
        benches = {}
        for name in PUBLIC:
            folder = tmp_path / "data/accounts" / name
            folder.mkdir(parents=True, mode=0o700)
            benches[name] = stack.enter_context(open_bench(name, request, clock, folder))
        _configure(tmp_path, benches, web)
        env = {key: value for bench in benches.values() for key, value in bench.env.items()}
        bot = Bot(tmp_path, env={**env, "SOCRBOT_TIMEOUT_SECONDS": "10"}, clock=clock)
        stack.callback(bot.close)
        bot.go_live(*PUBLIC)
        yield Everywhere(bot, benches, tmp_path / "public")
        assert {name: bench.standin.violations for name, bench in benches.items() if bench.standin.violations} == {}


def _configure(root: Path, benches: Mapping[str, Bench], web: Standin) -> None:
    accounts: dict[str, object] = {"outbox": {"network": "outbox"}}
    accounts |= {name: {"network": name, "options": dict(bench.options)} for name, bench in benches.items()}
    (root / "config/accounts.yaml").write_text(yaml.safe_dump({"accounts": accounts}))
    campaign = yaml.safe_load((root / "config/campaign.yaml").read_text())
    campaign["media"] = {"public_url": "https://pictures.test", "folder": str(root / "public")}
    (root / "config/campaign.yaml").write_text(yaml.safe_dump(campaign))
    for name in {"instagram", "threads"} & benches.keys():
        benches[name].standin.web["https://pictures.test"] = web.base


def show(everywhere: Everywhere) -> None:
    """Prints how it reads on each network."""
    for name in PUBLIC:
        print(f"\n===== {name}")
        for post in everywhere.seen(name):
            print(f"--- {post.id}" + (f", below {post.reply_to}" if post.reply_to else ""))
            print(post.text)
            for item in post.media:
                print(f"[{item.mime or 'picture'}, {len(item.data)} bytes: {item.alt}]")


def test_one_post_reaches_every_network_in_its_own_form(everywhere: Everywhere) -> None:
    """Each network shows all of it once: words in order, both pictures, their descriptions, parts in a chain."""
    bot = everywhere.bot
    bot.run_until(FRIDAY + timedelta(hours=2), step=timedelta(hours=12))
    show(everywhere)
    told = {d.account: (str(d.state), d.reason, d.detail) for d in bot.deliveries()}
    assert told == dict.fromkeys(("outbox", *PUBLIC), ("sent", None, None)), bot.heard
    for name in PUBLIC:
        capable = everywhere.benches[name].capable
        posts = everywhere.seen(name)
        text = "\n\n".join(post.text for post in posts)
        assert text.count("#SaveOurChildrensRights") == 1, name
        assert text.index("legal document") < text.index("20 weeks") < text.index("Some families have to appeal"), name
        chain = [post.reply_to for post in posts]
        if capable.threads:
            assert chain == [None, posts[0].id, posts[1].id], name
        else:
            assert chain == [None], name
        pictures = posts[0].media
        assert len(pictures) == 2, name
        assert all(item.data[:3] in (b"\xff\xd8\xff", b"\x89PN") for item in pictures), name
        said = text if capable.alt_limit == 0 else "\n".join(item.alt for item in pictures)
        assert "Text on a dark blue card: Support can be speech and language therapy" in said, name
        assert "Families succeed in 98.3% of their appeals to the SEND Tribunal." in said, name
    assert [path.name for path in everywhere.folder.iterdir() if path.suffix != ".html"] == []


def test_it_is_taken_down_wherever_a_program_may_do_that(everywhere: Everywhere) -> None:
    """What can be deleted is gone, all parts of it; what cannot is said with an address or the reason."""
    bot = everywhere.bot
    bot.run_until(FRIDAY + timedelta(hours=2), step=timedelta(hours=12))
    withdrawer = Withdrawer(bot.app.ledger, bot.app.network, bot.clock, "Ann")
    for delivery in bot.deliveries(states=frozenset({State.SENT})):
        left = withdrawer.withdraw(delivery, reason="A name was wrong.")
        if delivery.network == "outbox":
            assert left is None
            continue
        able = everywhere.benches[delivery.network].capable.deletes
        assert (left is None) is able, (delivery.network, left)
        assert (everywhere.seen(delivery.network) == []) is able, delivery.network
