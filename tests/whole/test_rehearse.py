"""A rehearsal does what the bot will do, says why, and touches nothing."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from socrbot.delivery import State
from socrbot.errors import SettingsError
from socrbot.rehearsing import FORMS, Fault, Wanted, campaign_of, rehearse, understand
from socrbot.report.rehearsal import Rehearsal, Scene
from socrbot.settings import load
from tests.standins.x import X
from tests.whole.bot import NINE, ONE, START, TONIGHT, Bot
from tests.whole.campaigns import CAMPAIGN
from tests.whole.conftest import Make

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
THREAD = {"thread.yaml": TONIGHT + "parts:\n  - One.\n  - Two.\n  - Three.\nwithout_threads: join\n"}


def rehearsed(bot: Bot, *faults: str, until: datetime = START + DAY, env: dict[str, str] | None = None) -> Rehearsal:
    """A rehearsal from the bot's own time on."""
    return _rehearse(bot, Wanted(until, understood(bot, *faults)), env)


def understood(bot: Bot, *faults: str) -> list[Fault]:
    """The faults as they are typed."""
    campaign = campaign_of(load(bot.root, bot.env))
    names = (campaign.accounts, campaign.posts)
    return [understand(f, zone=campaign.zone, start=START, accounts=names[0], posts=names[1]) for f in faults]


def _rehearse(bot: Bot, wanted: Wanted, env: dict[str, str] | None = None) -> Rehearsal:
    settings = load(bot.root, bot.env if env is None else env)
    return rehearse(settings, campaign_of(settings), wanted, clock=bot.clock)


def only(rehearsal: Rehearsal) -> Scene:
    """The one scene that there is."""
    (scene,) = rehearsal.scenes
    return scene


def snapshot(root: Path) -> dict[str, tuple[str, int]]:
    """Every file below a folder: its digest and when it changed."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(p): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns) for p in files}


def test_nothing_is_touched_and_nobody_is_called(make: Make, x: X) -> None:
    """Ledger, data folder and campaign stay as they are, byte for byte, and the network hears nothing."""
    bot = make(ONE, accounts={"outbox": "outbox", "x": "x"})
    bot.turn()
    bot.close()
    before = snapshot(bot.root)
    assert any(name.endswith("ledger.sqlite") for name in before)
    result = rehearsed(bot)
    assert {scene.state for scene in result.scenes} == {State.SENT}
    assert snapshot(bot.root) == before
    assert x.record == []


def test_a_ledger_in_use_is_rehearsed_as_it_is_now(make: Make) -> None:
    """While the bot holds it open, the copy has what is not in the file yet, and the ledger gets nothing of ours."""
    bot = make(ONE)
    bot.turn()
    before = [bot.app.ledger.deliveries(), bot.app.ledger.newest_event()]
    files = {name: seen for name, seen in snapshot(bot.root).items() if not name.endswith("-shm")}
    assert only(rehearsed(bot)).state is State.SENT
    assert [bot.app.ledger.deliveries(), bot.app.ledger.newest_event()] == before
    assert {name: seen for name, seen in snapshot(bot.root).items() if not name.endswith("-shm")} == files


def test_what_is_rehearsed_is_what_happens(make: Make) -> None:
    """The same posts, on the same accounts, at the same times, with the same states, when the time really comes."""
    posts = {
        **THREAD,
        "weekly.yaml": "text: Each day.\nwhen: {every: day 12:00}\naccounts: [outbox, page]\n",
        "queued.yaml": "text: In its turn.\n",
        "made-up.yaml": TONIGHT + "text: \"Look: {{ link('nowhere') }}\"\n",
        "night.yaml": "text: Late.\nwhen: 2026-11-24 23:30\n",
    }
    campaign = CAMPAIGN.replace("spacing: 0 minutes", "spacing: 45 minutes\nquiet_hours: 22:00-07:00")
    bot = make(posts, accounts={"outbox": "outbox", "x": "x", "page": "facebook"}, campaign=campaign)
    end = START + 2 * DAY
    result = rehearsed(bot, until=end)
    said = {(s.post, s.account, s.due_at): (s.state, s.at) for s in result.scenes}
    bot.run_until(end, step=6 * HOUR)
    came = {}
    for one in bot.deliveries(until=end):
        parts = [part.sent_at for part in bot.app.ledger.parts(one.id) if part.sent_at]
        came[one.post, one.account, one.due_at] = (one.state, max(parts) if one.state is State.SENT else None)
    assert {State.SENT, State.MISSED} <= {state for state, _ in came.values()}
    assert said == came


@pytest.mark.parametrize(("lasts", "state"), [("1h", State.SENT), ("4h", State.MISSED)])
def test_an_outage_makes_late_and_then_gives_up(make: Make, lasts: str, state: State) -> None:
    """A short one is waited out; one that outlasts the grace time makes it too late, and a person is needed."""
    result = rehearsed(make(ONE), f"outage={lasts}@2026-11-24T20:55")
    scene = only(result)
    assert scene.state is state
    assert result.needs_a_person is (state is State.MISSED)
    assert any("could not be reached" in line for line in (*scene.history, scene.why))
    if scene.at is not None:
        assert timedelta(minutes=55) <= scene.at - NINE < 2 * HOUR


def test_an_outage_of_one_account_leaves_the_others_in_time(make: Make) -> None:
    """What is said of x concerns x."""
    bot = make(ONE, accounts={"outbox": "outbox", "x": "x"})
    scenes = {scene.account: scene for scene in rehearsed(bot, "outage:x=1h@2026-11-24T20:55").scenes}
    assert scenes["outbox"].at == NINE
    assert scenes["x"].at is not None
    assert scenes["x"].at > NINE + HOUR / 2


@pytest.mark.parametrize("fault", ["lost=1@2026-11-24T20:55", "slow:x=10m@2026-11-24T20:55"])
def test_a_lost_answer_is_settled_by_looking(make: Make, fault: str) -> None:
    """It is sent once, and the history says how that was found out."""
    scene = only(rehearsed(make(ONE, accounts={"x": "x"}), fault))
    assert scene.state is State.SENT
    assert any("now we know: it went out" in line for line in scene.history)
    assert scene.cost == 0.015


def test_a_lost_answer_where_nothing_can_be_read_back_needs_a_person(make: Make) -> None:
    """On Telegram only a person can find out, and the rehearsal says so."""
    bot = make(ONE, accounts={"channel": "telegram"}, live=False)
    wanted = Wanted(START + DAY, understood(bot, "lost=1"), as_if_live=True)
    result = _rehearse(bot, wanted)
    assert only(result).state is State.UNKNOWN
    assert result.needs_a_person
    assert "socrbot settle" in only(result).todo


def test_a_refused_post_fails_on_that_account_alone(make: Make) -> None:
    """The other account says it."""
    bot = make(ONE, accounts={"outbox": "outbox", "x": "x"})
    result = rehearsed(bot, "refuse:x=hello")
    assert {scene.account: scene.state for scene in result.scenes} == {"outbox": State.SENT, "x": State.FAILED}
    assert result.needs_a_person


@pytest.mark.parametrize(("lasts", "state"), [("1h", State.SENT), ("6h", State.MISSED)])
def test_while_the_bot_is_off_nothing_goes_out(make: Make, lasts: str, state: State) -> None:
    """Back within the grace time it catches up; after it the post is too late."""
    scene = only(rehearsed(make(ONE), f"down={lasts}@2026-11-24T20:45"))
    assert scene.state is state
    if state is State.SENT:
        assert scene.at == NINE + timedelta(minutes=45)


@pytest.mark.parametrize(("jump", "early"), [("+20m", timedelta(minutes=20)), ("-20m", -timedelta(minutes=20))])
def test_a_clock_that_jumps_shows_the_true_time(make: Make, jump: str, early: timedelta) -> None:
    """The post goes out when the bot's clock says so, and the rehearsal says when that really is."""
    scene = only(rehearsed(make(ONE), f"clock={jump}@2026-11-24T20:35"))
    assert scene.at == NINE
    assert scene.true_at == NINE - early


@pytest.mark.parametrize(("lasts", "state"), [("15m", State.SENT), ("5h", State.MISSED)])
def test_a_pause_holds_what_falls_due_in_it(make: Make, lasts: str, state: State) -> None:
    """A pause that is over before goes unnoticed; in a long one the post is missed."""
    assert only(rehearsed(make(ONE), f"pause={lasts}@2026-11-24T20:40")).state is state


def test_a_real_pause_does_not_end_with_a_rehearsed_one(make: Make) -> None:
    """What is paused in truth stays paused in the rehearsal."""
    bot = make(ONE)
    bot.app.ledger.pause(None, "quiet", by="Anna", now=bot.clock.now())
    assert only(rehearsed(bot, "pause=5m@2026-11-24T20:40")).state is State.MISSED


def test_an_account_that_is_not_connected_speaks_only_as_if_it_were_live(make: Make) -> None:
    """Without the wish nothing is planned for it; with it, it says its thread in its own form. No secret is needed."""
    bot = make(THREAD, accounts={"outbox": "outbox", "sky": "bluesky", "page": "facebook"}, live=False)
    secretless = {"SOCRBOT_TIMEOUT_SECONDS": "2"}
    plain = _rehearse(bot, Wanted(START + DAY), secretless)
    assert {scene.account for scene in plain.scenes} == {"outbox"}
    assert {place.id: place.rehearsed for place in plain.places} == {"outbox": True, "sky": False, "page": False}
    live = _rehearse(bot, Wanted(START + DAY, as_if_live=True), secretless)
    parts = {scene.account: len(scene.parts) for scene in live.scenes}
    assert parts == {"outbox": 3, "sky": 3, "page": 1}
    assert {place.standing for place in live.places if place.id != "outbox"} == {
        "not connected: `socrbot connect bluesky`",
        "not connected: `socrbot connect facebook`",
    }


def test_an_account_that_is_not_live_holds_its_posts(make: Make) -> None:
    """Connected alone is not enough, and what to do is said."""
    scene = only(rehearsed(make(ONE, accounts={"x": "x"}, live=False)))
    assert scene.held
    assert "socrbot go-live x" in scene.todo


def test_a_made_up_address_is_held_back(make: Make) -> None:
    """As in truth: everywhere but in the outbox; what to do is about the address, not about the time that passed."""
    posts = {"made-up.yaml": TONIGHT + "text: \"Look: {{ link('nowhere') }}\"\n"}
    scenes = {s.account: s for s in rehearsed(make(posts, accounts={"outbox": "outbox", "x": "x"})).scenes}
    assert scenes["outbox"].state is State.SENT
    assert scenes["x"].held
    assert scenes["x"].says == "held back"
    assert "Write the real address" in scenes["x"].todo


def test_a_budget_holds_what_passes_it_and_the_costs_add_up(make: Make) -> None:
    """Three posts at 0.015 with a budget for two."""
    posts = {f"p{n}.yaml": f"when: 2026-11-24 2{n}:00\ntext: Post number {n}.\n" for n in (1, 2, 3)}
    bot = make(posts, accounts={"x": "x"})
    accounts = bot.root / "config" / "accounts.yaml"
    accounts.write_text("accounts:\n  x: {network: x, budget: 0.03}\n", encoding="utf-8")
    result = rehearsed(bot)
    assert [scene.says for scene in result.scenes] == ["goes out", "goes out", "held back"]
    (cost,) = result.costs
    assert (cost.rehearsed, cost.budget) == (0.03, 0.03)
    assert result.cost == pytest.approx(0.03)


def test_what_went_out_before_with_a_lost_answer_stays_unknown(make: Make, x: X) -> None:
    """Nobody can find out in a rehearsal what became of a real try; it is not sent again."""
    bot = make(ONE, accounts={"x": "x"})
    x.fault("drop-after", match="POST /2/tweets")
    x.fault("drop-before", match="GET /2/*", times=100)
    bot.clock.advance_to(NINE - timedelta(minutes=1))
    bot.turn()
    bot.clock.advance_to(NINE)
    bot.turn()
    assert [one.state for one in bot.deliveries()] == [State.UNKNOWN]
    seen = len(x.record)
    scene = only(rehearsed(bot))
    assert scene.state is State.UNKNOWN
    assert any("before this rehearsal" in line for line in (*scene.history, scene.why))
    assert len(x.record) == seen


def test_the_same_rehearsal_comes_out_the_same(make: Make) -> None:
    """Twice from the same moment: the same scenes."""
    bot = make(THREAD, accounts={"outbox": "outbox", "x": "x"})
    fault = "outage=40m@2026-11-24T20:50"
    assert rehearsed(bot, fault).scenes == rehearsed(bot, fault).scenes


@pytest.mark.parametrize(
    "text",
    [
        "outrage=2h",
        "outage",
        "outage=soon",
        "outage=0h",
        "outage=2h@tomorrow",
        "outage:nobody=2h",
        "down:outbox=2h",
        "lost=0",
        "lost=²",
        "refuse=hello",
        "refuse:outbox=nothing",
        "clock=1",
        "",
        "=",
        "outage=99999999999999999999h",
    ],
)
def test_a_fault_that_cannot_be_understood_is_one_clear_error(make: Make, text: str) -> None:
    """It says how it is written, or what there is."""
    with pytest.raises(SettingsError) as caught:
        understood(make(ONE), text)
    said = str(caught.value)
    assert said.count("\n") == 0
    assert any(form in said for form, _ in FORMS.values()) or "There are:" in said or "2026-12-01T18:00" in said


def test_every_form_that_is_listed_is_understood_and_said(make: Make) -> None:
    """The list is no promise that is not kept."""
    bot = make({"post.yaml": TONIGHT + "text: Hello.\n"})
    for kind, (form, _) in FORMS.items():
        (fault,) = understood(bot, form.replace("ACCOUNT", "outbox").replace("POST", "post"))
        assert fault.kind == kind
        assert fault.words(campaign_of(load(bot.root, {})).zone).endswith(".")
