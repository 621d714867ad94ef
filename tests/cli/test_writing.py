"""check, preview, plan, schema, init and the demo, as those who write meet them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from socrbot import source
from tests.cli.conftest import Make
from tests.cli.desk import Desk
from tests.vendor import ROOT

LONG = f"text: {'word ' * 70}\nwhen: {{every: day 12:00}}\n"


def test_check_finds_nothing_in_a_good_campaign_and_ends_with_0(desk: Desk) -> None:
    """Warnings do not fail the check."""
    done = desk("check")
    assert done.code == 0
    assert "warning[placeholder-link]" in done.out
    assert done.out.endswith("1 warning.\n")


def test_check_shows_every_mistake_at_once_with_what_to_write(desk: Desk) -> None:
    """Several mistakes in several files: all of them, with place and hint, and exit code 1."""
    desk.write("posts/a.yaml", "text: One\nwenn: 2030-01-01 12:00\n")
    desk.write("posts/b.yaml", "text: Two\nwhen: 2030-02-31 12:00\n")
    desk.write("posts/c.yaml", "text: \"{{ link('petitoin') }}\"\n")
    done = desk("check")
    assert done.code == 1
    assert "posts/a.yaml:2:1: error[unknown-key]" in done.out
    assert "posts/c.yaml:" in done.out
    assert "error[unknown-link]: There is no link called “petitoin”." in done.out
    assert "hint: Did you mean “petition”?" in done.out
    assert "posts/b.yaml:2:" in done.out
    assert "3 errors and 1 warning." in done.out


def test_check_of_some_paths_shows_what_concerns_them(desk: Desk) -> None:
    """Named files and folders only; the exit code is theirs too."""
    desk.write("posts/bad/a.yaml", "text: One\nwenn: 2030-01-01 12:00\n")
    assert desk("check", "posts/petition.yaml").out == "No problems found.\n"
    assert desk("check", "posts/petition.yaml").code == 0
    assert desk("check", "posts/bad").code == 1


@pytest.mark.parametrize("broken", [False, True])
def test_check_for_programs_prints_nothing_else(desk: Desk, broken: bool) -> None:
    """JSON is one array, GitHub's lines are commands only, also where config/ cannot be understood."""
    desk.write("posts/a.yaml", "text: One\nwenn: 2030-01-01 12:00\n")
    if broken:
        desk.write("config/campaign.yaml", "name: [\n")
    done = desk("check", "--format", "json")
    assert {"file", "line", "column", "severity", "code", "message", "hint", "post"} <= done.data[0].keys()
    assert done.code == 1
    github = desk("check", "--format", "github")
    assert github.out
    assert all(line.startswith(("::error ", "::warning ")) for line in github.out.splitlines())
    assert done.err == github.err == ""


def test_preview_shows_each_network_with_its_count(make: Make) -> None:
    """The same post on two networks, counted by the measure of each."""
    desk = make(accounts={"outbox": "outbox", "x": "x"})
    done = desk("preview", "petition")
    assert done.code == 0
    assert "petition on x\n  35 of 280 characters\n    Sign today. #SaveOurChildrensRights\n" in done.out
    assert "petition on outbox\n  35 of 5,000 characters" in done.out
    only = desk("preview", "petition", "--account", "x", "--json").data
    assert [each["account"] for each in only[0]["accounts"]] == ["x"]
    assert only[0]["accounts"][0]["parts"][0]["used"] == 35


def test_preview_says_what_is_wrong_with_a_post(make: Make) -> None:
    """A post that cannot be read, or is too long: the problems in words, what to write instead, and exit code 1."""
    desk = make({"long.yaml": LONG, "odd.yaml": "text: Hello\nwenn: 2030-01-01 12:00\n"}, accounts={"x": "x"})
    long = desk("preview", "long")
    assert long.code == 1
    assert "373 of 280 characters. TOO LONG" in long.out
    assert "long has an error and does not go out" in long.out
    assert "error[too-long]" in long.out
    odd = desk("preview", "odd")
    assert odd.code == 1
    assert "error[unknown-key]" in odd.out
    assert 'hint: Did you mean "when"?' in odd.out or "hint:" in odd.out
    assert desk("preview", "odd", "--json").data[0]["problems"][0]["code"] == "unknown-key"


def test_preview_shows_what_becomes_of_a_post_on_each_network(make: Make) -> None:
    """Split, joined, or comments; the card, what is set, and where it does not go, with the reason."""
    sentence = "Families win nearly every appeal, and still they wait. " * 8
    desk = make(
        {
            "long.yaml": f"text: {sentence}\nsplit: yes\nlink: petition\nvariants:\n  outbox: {{skip: yes}}\n",
            "thread.yaml": "parts: [One., Two.]\nwithout_threads: join\naccounts: [x, facebook]\n",
            "asked.yaml": "parts: [One., Two.]\nwithout_threads: comments\naccounts: facebook\n",
            "first.yaml": "parts: [One., Two.]\nwithout_threads: first part only\naccounts: facebook\n",
        },
        accounts={"outbox": "outbox", "x": "x", "facebook": "facebook"},
    )
    with (desk.root / "config/accounts.yaml").open("a", encoding="utf-8") as file:
        file.write("  pictures: {network: x, env: X_PICTURES, only_with_media: yes}\n")
        file.write("  channel: {network: telegram, options: {notify: silent}}\n")
    long = desk("preview", "long")
    assert long.code == 0, long.out
    assert "split into 2 parts, since the text is too long for one" in long.out
    assert "Part 2 of 2: " in long.out
    assert "[card with the link: https://petition.test/1]" in long.out
    assert "set: notify: silent" in long.out
    assert "long does not go to: outbox (skip: yes), pictures (takes only posts with a picture)" in long.out
    thread = desk("preview", "thread").out
    assert "the 2 parts joined, since there are no threads" in thread
    assert "channel (not named in accounts)" in thread
    asked = desk("preview", "asked").out
    assert "Comment 1 of 1: 4 of " in asked
    assert "the first of 2 parts alone, since there are no threads" in desk("preview", "first").out
    data = desk("preview", "long", "--json").data[0]
    assert data["left_out"] == {"outbox": "skip: yes", "pictures": "takes only posts with a picture"}
    assert [len(each["parts"]) for each in data["accounts"]] == [2, 1, 1]


def test_preview_counts_a_problem_of_another_post_as_none_of_its_own(desk: Desk) -> None:
    """The exit code is that of the posts shown."""
    desk.write("posts/odd.yaml", "text: Hello\nwenn: 2030-01-01 12:00\n")
    assert desk("preview", "petition").code == 0
    assert desk("preview").code == 1


def test_plan_tells_when_and_where_and_changes_nothing(on_x: Desk) -> None:
    """What goes out, what it costs, and nothing of it is planned by looking."""
    done = on_x("plan")
    assert done.code == 0
    assert "tomorrow, 12:00 noon UK time; Account: outbox; Post: petition" in done.out
    assert "Account: x; Post: petition; Cost: US$0.015" in done.out
    assert "What it costs" in done.out
    assert "US$" in done.out
    assert "All of it is new" in done.out
    assert on_x("log", "--json").data == []


def test_plan_for_programs(on_x: Desk) -> None:
    """JSON only: times with their zone, prices as numbers, changes with a sentence each."""
    data = on_x("plan", "--until", "tomorrow", "--json").data
    assert data["asks"] is None
    assert {each["account"] for each in data["coming"]} == {"outbox", "x"}
    assert {each["cost_usd"] for each in data["coming"]} == {0.0, 0.015}
    assert {"change", "post", "account", "due_at", "says"} == data["changes"][0].keys()
    assert all("+00:00" in each["due_at"] for each in data["coming"])


def test_plan_shows_what_an_edit_changes(desk: Desk) -> None:
    """After a pass, the plan names what the files now want otherwise."""
    assert desk("tick").code == 0
    assert "Changed since the last run\nNothing." in desk("plan").out
    desk.write("posts/petition.yaml", "text: Sign today.\nwhen: {every: day 13:00}\n")
    changed = desk("plan").out
    assert "New: petition on outbox" in changed
    assert "Cancelled: petition on outbox. The post no longer has this time." in changed


def test_plan_asks_before_most_of_it_vanishes(make: Make) -> None:
    """More than half of the plan gone: the question, how to answer it, exit code 1; then the answer."""
    desk = make({"petition.yaml": "text: Sign today.\nwhen: {every: day 12:00}\n"})
    assert desk("tick").code == 0
    (desk.root / "posts" / "petition.yaml").unlink()
    plan = desk("plan")
    assert plan.code == 1
    assert "would be cancelled" in plan.out
    assert "socrbot confirm-plan" in plan.out
    tick = desk("tick")
    assert tick.code == 1
    assert "socrbot confirm-plan" in tick.out
    status = desk("status")
    assert status.code == 1
    assert "IT ASKS:" in status.out
    assert desk("confirm-plan").code == 2
    assert desk("confirm-plan", "--yes").code == 0
    assert "IT ASKS:" not in desk("status").out
    assert desk("confirm-plan").out == "There is nothing to confirm.\n"


def test_a_new_campaign_checks_with_warnings_only_and_its_demo_runs(desk: Desk, tmp_path: Path) -> None:
    """`init` writes what works at once: no error, a demo that sends its post, no credential asked for."""
    new = tmp_path / "ours"
    done = desk("init", str(new))
    assert done.code == 0
    assert "socrbot check" in done.out
    desk.root = new
    check = desk("check")
    assert check.code == 0
    assert "error[" not in check.out
    demo = desk("demo")
    assert demo.code == 0
    assert "first-post on outbox: sent" in demo.out
    assert {path.name for path in (new / "schemas").iterdir()} == {f"{kind}.schema.json" for kind in source.schemas()}
    assert "config/accounts.yaml has no account" not in desk("connect", "bluesky").err


def test_init_leaves_alone_what_is_there(desk: Desk, tmp_path: Path) -> None:
    """No second campaign over the first, and no other file is overwritten."""
    assert desk("init", str(desk.root)).code == 2
    new = tmp_path / "mine"
    new.mkdir()
    (new / ".gitignore").write_text("my own\n")
    assert f"Left as it was: {new / '.gitignore'}" in desk("init", str(new)).out
    assert (new / ".gitignore").read_text() == "my own\n"


def test_the_schemas_that_are_shipped_are_those_of_the_program(desk: Desk, tmp_path: Path) -> None:
    """`socrbot schema` writes what stands in the repository."""
    done = desk("schema", str(tmp_path / "schemas"))
    assert done.code == 0
    for path in (tmp_path / "schemas").iterdir():
        assert json.loads(path.read_text()) == json.loads((ROOT / "schemas" / path.name).read_text())


def test_the_demo_walks_through_a_week_and_says_so(make: Make) -> None:
    """Every due post goes to the outbox; real accounts are shown as not connected, which is no failure."""
    desk = make(accounts={"outbox": "outbox", "x": "x"})
    done = desk("demo")
    assert done.code == 0
    assert done.out.count("petition on outbox: sent") in (7, 8)
    assert "on a clock of its own" in done.out
    assert "x: not connected. Run socrbot connect x, or set in .env: X_API_KEY" in done.out
    assert "today," not in done.out
    assert not (desk.root / "data" / "ledger.sqlite").exists()


def test_the_demo_with_real_credentials_leaves_them_alone(on_x: Desk, x: object) -> None:
    """An account that is connected sends nothing in a demo."""
    assert "x: connected, and left alone in this demo" in on_x("demo", "--days", "2").out
    assert x.record == []  # type: ignore[attr-defined]
