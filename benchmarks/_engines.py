"""Who is compared: each sends the same posts, eight at a time, and says how long it took.

    python benchmarks/_engines.py NAME PORT ACCOUNTS POSTS FOLDER [POSTGRES [WORKERS NUMBER START]]

All of it is planned before the watch starts: a durable job before, a POST, a durable result after. It ends with
status 3 and a line where its package is not installed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import _ours
from _posting import post

# Seconds that a worker process has to be ready.
START_UP = 4.0


@dataclass(frozen=True, slots=True)
class Task:
    """So many posts on so many accounts; where they go to, and where an engine may keep its files."""

    port: int
    accounts: int
    posts: int
    folder: Path
    postgres: str | None
    workers: int = 0
    number: int = 0
    start: float = 0.0

    @property
    def jobs(self) -> Iterable[tuple[int, str]]:
        return ((number, f"Post {number}: {_ours.LINE}") for number in range(self.accounts * self.posts))

    @property
    def count(self) -> int:
        return self.accounts * self.posts


def floor(task: Task) -> float:
    """The same loop without a database: what is lost is lost."""
    jobs = list(task.jobs)

    def send(account: int) -> None:
        for number, text in jobs[account :: task.accounts]:
            post(task.port, number, text)

    return _threads(task, send)


def _threads(task: Task, work: Callable[[int], object]) -> float:
    with ThreadPoolExecutor(task.accounts) as pool:
        began = time.perf_counter()
        list(pool.map(work, range(task.accounts)))
        return time.perf_counter() - began


class Group:
    """One thread writes for all: what waits at that moment shares a commit."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.waiting: queue.SimpleQueue[tuple[str, tuple[object, ...], Future[None]] | None] = queue.SimpleQueue()

    def __call__(self, statement: str, *values: object) -> None:
        done: Future[None] = Future()
        self.waiting.put((statement, values, done))
        done.result()

    def run(self) -> None:
        with closing(connect(self.path)) as connection:
            while (first := self.waiting.get()) is not None:
                batch = [first]
                while not self.waiting.empty():
                    if (item := self.waiting.get()) is None:
                        return
                    batch.append(item)
                connection.execute("BEGIN IMMEDIATE")
                for statement, values, _ in batch:
                    connection.execute(statement, values)
                connection.execute("COMMIT")
                for *_, done in batch:
                    done.set_result(None)


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def hand_written(task: Task) -> float:
    """An intent and an outcome, each committed before the next step, and nothing else."""
    path = task.folder / "hand.sqlite"
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY, text TEXT, state TEXT, at TEXT, answer TEXT)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO jobs VALUES (?, ?, 'due', NULL, NULL)", task.jobs)
        connection.execute("COMMIT")
        jobs = connection.execute("SELECT id, text FROM jobs").fetchall()
    group = Group(path)
    writer = threading.Thread(target=group.run)
    writer.start()

    def send(account: int) -> None:
        for number, text in jobs[account :: task.accounts]:
            group("UPDATE jobs SET state = 'sending', at = ? WHERE id = ?", time.time(), number)
            answer = post(task.port, number, text)
            group("UPDATE jobs SET state = 'sent', answer = ? WHERE id = ?", answer, number)

    seconds = _threads(task, send)
    group.waiting.put(None)
    writer.join()
    return seconds


def socrbot(task: Task) -> float:
    """The bot as it is: guards, rendering, claim, intent, outcome, history."""
    return _bot(task, None)


def socrbot_postgres(task: Task) -> float:
    """The same with its ledger on PostgreSQL."""
    return _bot(task, task.postgres)


def _bot(task: Task, database: str | None) -> float:
    accounts = _ours.names(task.accounts)
    _ours.write(task.folder, accounts, task.posts)
    with _ours.bot(task.folder, task.port, database) as (app, publisher):
        _ours.plan(app.ledger, accounts, task.posts, due=datetime.now(UTC) - timedelta(minutes=1))
        began = time.perf_counter()
        assert _ours.drain(publisher, accounts) == task.count
        return time.perf_counter() - began


def huey(task: Task) -> float:
    """Huey on SQLite with fsync, its results kept."""
    from huey import SqliteHuey

    bees = SqliteHuey("race", filename=str(task.folder / "huey.db"), fsync=True, results=True)
    done = threading.Semaphore(0)

    @bees.task()
    def send(number: int, text: str) -> str:
        return post(task.port, number, text)

    @bees.post_execute()
    def note(*_: object) -> None:
        done.release()

    for number, text in task.jobs:
        send(number, text)
    consumer = bees.create_consumer(workers=8, periodic=False, initial_delay=0.01, max_delay=0.01, backoff=1.0)
    began = time.perf_counter()
    consumer.start()
    for _ in range(task.count):
        done.acquire()
    seconds = time.perf_counter() - began
    consumer.stop(graceful=True)
    return seconds


def dbos(task: Task) -> float:
    """DBOS on SQLite: WAL switched on, its queue asked every 10 ms. The watch starts at its first post."""
    from dbos import DBOS

    path = task.folder / "dbos.sqlite"
    connect(path).close()
    DBOS(config={"name": "race", "system_database_url": f"sqlite:///{path}", "log_level": "CRITICAL"})
    done, starts = threading.Semaphore(0), []

    @DBOS.step()
    def step(number: int, text: str) -> str:
        starts.append(time.perf_counter())
        return post(task.port, number, text)

    @DBOS.workflow()
    def send(number: int, text: str) -> str:
        answer = step(number, text)
        done.release()
        return answer

    DBOS.launch()
    for number, text in task.jobs:
        DBOS.enqueue_workflow("posts", send, number, text)
    DBOS.register_queue("posts", worker_concurrency=16, polling_interval_sec=0.01)
    for _ in range(task.count):
        done.acquire()
    with closing(connect(path)) as connection:
        query = "SELECT count(*) FROM workflow_status WHERE status = 'SUCCESS' AND queue_name = 'posts'"
        while connection.execute(query).fetchone()[0] < task.count:
            time.sleep(0.005)
    return time.perf_counter() - starts[0]


def _procrastinate_app(task: Task) -> Any:
    import procrastinate as library

    app = library.App(connector=library.PsycopgConnector(conninfo=task.postgres, min_size=4, max_size=12))

    @app.task(name="send")
    def send(number: int, text: str) -> str:
        return post(task.port, number, text)

    return app


def procrastinate_plan(task: Task) -> None:
    """Makes its tables, and a job for each post."""
    import procrastinate as library

    outside = library.SyncPsycopgConnector(conninfo=task.postgres)
    with _procrastinate_app(task).replace_connector(outside) as quiet, quiet.open():
        quiet.schema_manager.apply_schema()
        quiet.tasks["send"].batch_defer(*({"number": number, "text": text} for number, text in task.jobs))


def procrastinate(task: Task) -> float:
    """Procrastinate on PostgreSQL, eight at once, until its queue is empty."""
    if task.workers == 0:
        procrastinate_plan(task)
    app = _procrastinate_app(task)
    at_once = max(1, task.accounts // max(1, task.workers))

    async def work() -> float:
        async with app.open_async():
            await asyncio.sleep(max(0.0, task.start - time.time()))
            began = time.perf_counter()
            await app.run_worker_async(
                concurrency=at_once, wait=False, install_signal_handlers=False, listen_notify=False
            )
            return time.perf_counter() - began

    return asyncio.run(work())


def socrbot_worker(task: Task) -> float:
    """One of several processes: it sends for its share of the accounts."""
    mine = _ours.names(task.accounts)[task.number :: task.workers]
    with _ours.bot(task.folder, task.port, task.postgres) as (_, publisher):
        time.sleep(max(0.0, task.start - time.time()))
        began = time.perf_counter()
        assert _ours.drain(publisher, mine) == len(mine) * task.posts
        return time.perf_counter() - began


NAMES: dict[str, Callable[[Task], float]] = {
    "floor": floor,
    "hand-written": hand_written,
    "socrbot": socrbot,
    "socrbot-postgres": socrbot_postgres,
    "huey": huey,
    "dbos": dbos,
    "procrastinate": procrastinate,
    "socrbot-worker": socrbot_worker,
    "procrastinate-worker": procrastinate,
}


def main() -> int:
    name, port, accounts, posts, folder, *rest = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    task = Task(int(port), int(accounts), int(posts), Path(folder), rest[0] if rest else None)
    if len(rest) == 4:
        task = replace(task, workers=int(rest[1]), number=int(rest[2]), start=float(rest[3]))
    try:
        seconds = NAMES[name](task)
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed")
        return 3
    print(seconds, flush=True)
    # Whatever threads an engine left behind are of no interest.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
