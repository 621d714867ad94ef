"""What people, files and the machine do between the steps of the workers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from socrbot.campaign import Post, Text
from socrbot.delivery import Delivery, State
from socrbot.errors import LedgerError, Lost
from socrbot.ledger import Filter
from socrbot.networks.base import Network
from socrbot.publishing.withdrawing import Withdrawer, is_public
from tests.simulation.kinds import HOUR, SECOND
from tests.simulation.networks import Model, Try

if TYPE_CHECKING:
    from tests.simulation.world import World

ANN = "Ann"


class Calm:
    """A person's own process: it does not die, and publishes nothing."""

    def step(self, name: str) -> None:
        """Goes on."""

    def sending(self, key: str, text: str) -> Try:
        raise AssertionError(f"a person's command publishes {text} ({key})")


def _some(world: World, *states: State) -> Delivery | None:
    found = world.ledger.deliveries(Filter(states=frozenset(states)))
    return world.rng.choice(found) if found else None


def _keep(world: World, *posts: Post) -> None:
    kept = {**world.campaign.posts, **{post.id: post for post in posts}}
    world.campaign = replace(world.campaign, posts=kept, digest=str(world.rng.random()))


def reword(world: World) -> None:
    """Somebody edits a text."""
    post = world.rng.choice(list(world.campaign.posts.values()) or [world.post()])
    parts = tuple(Text(f"{part.source}, edited", part.place) for part in post.parts)
    _keep(world, replace(post, parts=parts, digest=f"{post.id} {world.rng.random()}"))


def reschedule(world: World) -> None:
    """Somebody gives a post another time."""
    post = world.rng.choice(list(world.campaign.posts.values()) or [world.post()])
    _keep(world, replace(post, schedule=world.schedule(), digest=f"{post.id} {world.rng.random()}"))


def remove(world: World) -> None:
    """Somebody takes a post out of the files."""
    if len(world.campaign.posts) > 1:
        name = world.rng.choice(list(world.campaign.posts))
        world.removed[name] = world.campaign.posts[name]
        kept = {key: post for key, post in world.campaign.posts.items() if key != name}
        world.campaign = replace(world.campaign, posts=kept, digest=str(world.rng.random()))


def bring_back(world: World) -> None:
    """Somebody puts a post back, or writes a new one."""
    if world.removed:
        _keep(world, world.removed.pop(world.rng.choice(list(world.removed))))
    elif len(world.campaign.posts) < 8:
        _keep(world, world.post())


def pause(world: World) -> None:
    """Nothing goes out for a while, on one account or on all."""
    scope = world.rng.choice([None, *world.servers])
    world.ledger.pause(scope, "A quiet day.", by=ANN, now=world.clock.now())
    world.paused.add(scope)


def resume(world: World) -> None:
    """A pause ends."""
    if world.paused:
        scope = world.rng.choice(sorted(world.paused, key=str))
        world.ledger.resume(scope, by=ANN, now=world.clock.now())
        world.paused.discard(scope)


def mend(world: World) -> None:
    """Somebody connects an account again, or lets a new one speak."""
    for account, server in world.servers.items():
        server.dead = False
        world.ledger.start_account(account, by=ANN, now=world.clock.now())
        if account not in world.live:
            world.go_live(account)


def retry(world: World) -> None:
    """Somebody tries again what is over; of a doubt they look first."""
    item = _some(world, State.FAILED, State.MISSED, State.CANCELLED, State.HELD, State.UNKNOWN)
    if item is not None and item.state is State.UNKNOWN:
        settle(world, item)
    elif item is not None:
        world.ledger.retry(item.id, by=ANN, now=world.clock.now(), grace=2 * HOUR)


def settle_some(world: World) -> None:
    """Somebody looks at the network and ends a doubt."""
    if (item := _some(world, State.UNKNOWN)) is not None:
        settle(world, item)


def settle(world: World, item: Delivery) -> None:
    """Ends a doubt by the truth of this moment. A careful person waits until nothing can be on its way any more."""
    server, row = world.servers[item.account], world.ledger.story(item.id)
    doubt = next(one for one in row.attempts if one.state in ("open", "unknown"))
    there = server.public(item.id, doubt.part)
    pending = any(call.delivery == item.id for _, call, _ in server.on_the_way)
    at_work = any(actor.where for actor in world.actors)
    if world.honest and not there and (pending or at_work):
        return
    for key in {call.key for call in server.tries if (call.delivery, call.part) == (item.id, doubt.part)}:
        server.looked[key] = server.now()
    if there and doubt.parts > doubt.part:
        # A person speaks of the whole. Of half a thread they delete what is there, so that it begins anew.
        for post in there:
            post.gone_at = server.now()
        there = []
    url = f"https://{item.account}.example/{there[0].id}" if there else None
    with suppress(Lost):
        world.ledger.settle_by_person(item.id, sent=bool(there), url=url, by=ANN, now=world.clock.now())


def cancel(world: World) -> None:
    """Somebody cancels what waits."""
    if (item := _some(world, State.PLANNED, State.HELD, State.CLAIMED)) is not None:
        world.ledger.cancel(item.id, by=ANN, reason="No.", now=world.clock.now())


def publish_now(world: World) -> None:
    """Somebody wants a post out now."""
    post = world.rng.choice(list(world.campaign.posts.values()))
    account = world.rng.choice(post.accounts)
    with suppress(LedgerError):
        world.ledger.publish_now(
            post.id,
            account,
            account,
            now=world.clock.now(),
            by=ANN,
            urgent=world.chance(0.5),
            reason="Now",
            grace=2 * HOUR,
            path=post.path,
            line=1,
        )


def withdraw(world: World) -> None:
    """Somebody takes back what is public, and has it erased."""
    found = [one for one in world.ledger.deliveries() if is_public(one)]
    if not found:
        return
    item = world.rng.choice(found)

    def network(account: str) -> Network:
        return Model(world.servers[account], Calm())

    with suppress(LedgerError):
        remains = Withdrawer(world.ledger, network, world.clock, ANN).withdraw(item, reason="A mistake.")
        if remains is None:
            world.ledger.erase([item.id], words=world.chance(0.5), by=ANN, now=world.clock.now())


def jump(world: World) -> None:
    """This computer's clock jumps, or is set right."""
    world.jumped = True
    if world.clock.wrong():
        world.clock.correct()
    else:
        world.clock.jump(world.rng.choice([-HOUR, -5 * 60 * SECOND, 5 * 60 * SECOND, HOUR, 24 * HOUR]))


def outage(world: World) -> None:
    """A network is away for hours, or this computer is."""
    if world.chance(0.3):
        world.clock.advance(timedelta(days=1))
        return
    server = world.rng.choice(list(world.servers.values()))
    server.down_until = server.now() + world.rng.choice([HOUR / 4, 2 * HOUR, 24 * HOUR])


PERSONS: tuple[Callable[[World], None], ...] = (
    *(reword, reschedule, remove, bring_back, bring_back),
    *(pause, resume, resume, mend, mend),
    *(retry, retry, settle_some, cancel, publish_now, withdraw),
    *(jump, jump, outage),
)
