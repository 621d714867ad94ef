"""Small campaigns on which the bot dies, each with a ledger in which everything is due: copied for each trial.

Not here: what happens in a trial (`lives.py`).
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from socrbot import networks
from socrbot.app import App
from socrbot.ledger.schema import metadata
from socrbot.publishing.snapshot import Snapshot
from socrbot.settings import Settings, load
from tests.faults.clock import SharedClock
from tests.faults.servers import PICTURES
from tests.pictures import marked, photo
from tests.whole.bot import NINE, START
from tests.whole.campaigns import CAMPAIGN, put

WHEN = "when: 2026-11-24 21:00\n"
DUE = NINE + timedelta(minutes=1)
_PICTURE = "media:\n  - {file: media/a.jpg, alt: A red block on white., people: no}\n"
_THREAD = (
    f"{WHEN}accounts: [%s, outbox]\nparts: [Words one of thread., Words two of thread.]\nwithout_threads: comments\n"
)
_PLAIN = f"{WHEN}accounts: [%s]\ntext: Words of plain.\n"


@dataclass(frozen=True)
class Scene:
    """`network` is attacked, the outbox goes along.

    posts    file name -> YAML
    faults   what goes wrong at the network's next publishing call
    lag      seconds for which its list does not show a new post
    holds    posts that a guard stops in the end, so that they are held and not sent
    """

    name: str
    network: str
    posts: Mapping[str, str]
    faults: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    lag: float = 0.0
    holds: frozenset[str] = frozenset()
    budget: str = ""

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.network, "outbox")))

    def settings(self, root: Path, data: Path, env: Mapping[str, str], database: str | None = None) -> Settings:
        """The settings of a bot on this campaign with its data elsewhere."""
        where = {"SOCRBOT_DATABASE_URL": database} if database else {}
        return load(root, {**env, **where, "SOCRBOT_DATA_DIR": str(data), "SOCRBOT_TIMEOUT_SECONDS": "2"})


def _standard(name: str, *, plain: bool = True, **more: Any) -> Scene:
    posts = {"thread.yaml": _THREAD % name + _PICTURE}
    if plain and name != "instagram":
        posts["plain.yaml"] = _PLAIN % name
    return Scene(more.pop("called", name), name, posts, **more)


SCENES = {
    scene.name: scene
    for scene in (
        *(_standard(name) for name in ("x", "facebook", "instagram", "mastodon", "bluesky")),
        Scene("outbox", "outbox", {"thread.yaml": _THREAD.replace("%s, ", "") + _PICTURE}),
        Scene("x-lost", "x", {"plain.yaml": _PLAIN % "x"}, faults={"x": {"kind": "drop-after"}}),
        Scene("x-lag", "x", {"plain.yaml": _PLAIN % "x"}, lag=80.0),
        Scene("mastodon-lag", "mastodon", {"plain.yaml": _PLAIN % "mastodon"}, lag=3_000.0),
        Scene("bluesky-plain", "bluesky", {"plain.yaml": _PLAIN % "bluesky" + _PICTURE}),
        Scene("instagram-plain", "instagram", {"plain.yaml": _PLAIN % "instagram" + _PICTURE}),
        Scene("facebook-plain", "facebook", {"plain.yaml": _PLAIN % "facebook"}),
        Scene("facebook-lag", "facebook", {"plain.yaml": _PLAIN % "facebook"}, lag=240.0),
        Scene(
            "x-budget",
            "x",
            {"plain.yaml": _PLAIN % "x", "second.yaml": (_PLAIN % "x").replace("plain", "second")},
            holds=frozenset({"plain", "second"}),
            budget=", budget: 0.02",
        ),
    )
}


class Stage:
    """A scene on the disk, with a ledger in which its posts are due. Made in the parent, before any fork."""

    def __init__(self, scene: Scene, folder: Path, *, env: Mapping[str, str], clock: SharedClock) -> None:
        self.scene, self.folder, self.env = scene, folder / scene.name, env
        self.root, self.template = self.folder / "campaign", self.folder / "template"
        self._write()
        clock.set(START)
        self.snapshot: Snapshot | None = None
        self._plan(clock, scene.settings(self.root, self.template, env))
        with sqlite3.connect(self.template / "ledger.sqlite") as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()
        for side in ("-wal", "-shm"):
            (self.template / f"ledger.sqlite{side}").unlink(missing_ok=True)

    def _write(self) -> None:
        public = f"media: {{public_url: '{PICTURES}', folder: {self.folder / 'public'}}}\n"
        (self.folder / "public").mkdir(parents=True)
        lines = "".join(
            f"  {name}: {{network: {name}{self.scene.budget if name == 'x' else ''}}}\n" for name in self.scene.accounts
        )
        put(self.root, "config/campaign.yaml", CAMPAIGN + public)
        put(self.root, "config/accounts.yaml", f"accounts:\n{lines}")
        for name, text in self.scene.posts.items():
            put(self.root, f"posts/{name}", text)
        photo(self.root / "media/a.jpg", image=marked((600, 400)))

    def _plan(self, clock: SharedClock, settings: Settings) -> None:
        app = self.open(clock, settings)
        for name in self.scene.accounts:
            app.ledger.go_live(name, app.refresh().campaign.accounts[name].network, None, by="test", now=clock.now())
        app.turn(wait=True)
        self.snapshot = app.snapshot()
        app.close()

    def open(self, clock: SharedClock, settings: Settings) -> App:
        """A bot that has read its files; it works for one account after the other."""
        app = App(settings, clock=clock, say=lambda *_, **__: None, threads=1)
        app._snapshot = self.snapshot
        return app

    def fresh(self) -> Path:
        """The data folder of a new trial."""
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.template, data)
        return data

    def expected(self) -> dict[tuple[str, str, int], str]:
        """(post, account, part) -> how its words begin."""
        wanted = {}
        for file, text in self.scene.posts.items():
            post = file.removesuffix(".yaml")
            for account in self.scene.accounts:
                if f"accounts: [{account}" not in text and f", {account}]" not in text:
                    continue
                if post == "thread":
                    wanted[post, account, 1] = "Words one of thread."
                    wanted[post, account, 2] = "Words two of thread."
                else:
                    wanted[post, account, 1] = f"Words of {post}."
        return wanted


class Postgres:
    """Ledgers on one PostgreSQL database: what is in a stage's SQLite template is put there for each trial."""

    def __init__(self, address: str) -> None:
        import psycopg

        self.address = address
        self._connection = psycopg.connect(address.replace("postgresql://app@/", "postgresql://app@localhost/"))
        self._ready: set[str] = set()

    def begin(self, stage: Stage, clock: SharedClock) -> bool:
        """The tables as they were when everything had just become due. Whether this was the stage's first time."""
        name = f"t_{stage.scene.name.replace('-', '_')}"
        tables = [table.name for table in metadata.sorted_tables]
        new = name not in self._ready
        if new:
            self._make(stage, clock, name, tables)
            self._ready.add(name)
        with self._connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(tables)}")
            for table in tables:
                cursor.execute(f"INSERT INTO public.{table} OVERRIDING SYSTEM VALUE SELECT * FROM {name}.{table}")
        self._connection.commit()
        return new

    def _make(self, stage: Stage, clock: SharedClock, name: str, tables: list[str]) -> None:
        with self._connection.cursor() as cursor:
            if self._ready:
                cursor.execute(f"TRUNCATE {', '.join(tables)}")
                meta = next(iter(self._ready))
                cursor.execute(f"INSERT INTO meta SELECT * FROM {meta}.meta")
        self._connection.commit()
        clock.set(START)
        data = stage.folder / "postgres-template"
        stage._plan(clock, stage.scene.settings(stage.root, data, stage.env, self.address))
        with self._connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {name}")
            for table in tables:
                cursor.execute(f"CREATE TABLE {name}.{table} AS TABLE public.{table}")
        self._connection.commit()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Asks the database."""
        rows = self._connection.execute(query).fetchall()
        self._connection.commit()
        return rows

    def close(self) -> None:
        """Ends it."""
        self._connection.close()


def warm() -> None:
    """Imports what the bot imports when it needs it, so that no child has to."""
    for name in networks.NETWORKS:
        networks.capabilities(name)
    import facebook  # noqa: F401
    import mastodon  # noqa: F401
    import tweepy  # noqa: F401

    import socrbot.networks.wire.graph
    import socrbot.networks.wire.mastodon
    import socrbot.networks.wire.x_client  # noqa: F401
