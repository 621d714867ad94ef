"""The words that people read: complete, plain, and never a bare code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import socrbot
from socrbot import rules
from socrbot.cli import program
from socrbot.delivery import State
from socrbot.report import problem_codes, words
from socrbot.report.words import ago, count, length, money, until, when

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
JARGON = re.compile(r"(?i:\b(leases?|digests?|guards?|intents?|tokens?|claims?|claimed|ledgers?|null)\b)|\bNone\b")


def every_text() -> Iterator[str]:
    for table in (words.STATES, words.REASONS):
        for entry in table.values():
            yield from (entry.short, entry.means, entry.todo)
    yield from words.EVENTS.values()
    yield from problem_codes.all_codes().values()
    yield from (rule.reason for rule in rules.RULES)


def test_every_state_has_words() -> None:
    """Each state has a short form and a sentence; the two that matter most are as promised."""
    assert words.STATES.keys() == set(State)
    assert words.state("unknown").means == "We don't know whether it went out. Please look."
    assert words.state(State.MISSED).means == "Too late, not sent."


def test_no_text_uses_the_programs_inner_words() -> None:
    """Lease, digest, guard, intent, token and claimed never face staff."""
    assert not [text for text in every_text() if JARGON.search(text)]


def test_sentences_are_whole_and_short_forms_are_short() -> None:
    """What a state or reason means is a sentence, its short form fits a table's column."""
    for table in (words.STATES, words.REASONS):
        for entry in table.values():
            assert entry.means[0].isupper() or entry.means.startswith("socrbot ")
            assert entry.means.endswith(".")
            assert len(entry.short) <= 22
            assert not entry.todo or entry.todo.endswith(".")


def test_a_reason_that_nobody_gave_words_to_is_never_shown_alone() -> None:
    """An unknown code is put into a sentence; no code at all has words too."""
    strange = words.reason("moon-too-full")
    assert "moon-too-full" not in (strange.short, strange.means)
    assert len(strange.means.split()) > 3
    assert words.reason(None).means


def test_the_detail_of_the_day_is_more_exact_than_the_table() -> None:
    """What was written down when it happened takes the place of the general sentence; what to do stays."""
    general, exact = words.reason("fact-stale"), words.reason("fact-stale", "The fact “law” is old.")
    assert exact.means == "The fact “law” is old."
    assert (exact.short, exact.todo) == (general.short, general.todo)


def test_every_hold_of_a_rule_has_words() -> None:
    """Whatever code a rule holds with is in the table."""
    held = {rule.code for rule in rules.RULES if rule.guard is not None}
    assert held | {"fact-gone", "post-not-found", "cannot-render", "cannot-decide"} <= words.REASONS.keys()


def test_every_command_that_is_named_exists() -> None:
    """What people are told to run can be run."""
    named = {name for text in every_text() for name in re.findall(r"`socrbot ([a-z-]+)", text)}
    assert {"retry", "settle", "resume"} <= named
    assert named <= set(program.commands)


KEBAB = re.compile(r"[a-z]+(-[a-z]+)*")


def reasons_in_code() -> Iterator[tuple[str, str]]:
    """(code, file) of each reason that the program gives: as `reason=`, or in a Held, Hold, Cancel or Outcome."""
    for path in Path(socrbot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            given = [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
            if isinstance(node.func, ast.Name) and node.func.id in ("Held", "Hold", "Cancel", "Outcome"):
                given += node.args[:2]
            for value in given:
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and KEBAB.fullmatch(value.value):
                    yield value.value, path.name


def test_every_reason_that_the_program_gives_has_words() -> None:
    """No reason is written anywhere in the program that the table does not know."""
    found = dict(reasons_in_code())
    assert len(found) > 10
    assert {code: file for code, file in found.items() if code not in words.REASONS} == {}


def test_every_problem_of_a_rule_has_a_line_for_the_documentation() -> None:
    """The documentation's list has exactly the codes of the rules, and a sentence for each code there is."""
    assert {rule.code for rule in rules.RULES} == set(problem_codes.RULES)
    assert all(line.endswith(".") and line[0].isupper() for line in problem_codes.all_codes().values())


@pytest.mark.parametrize(
    ("action", "more", "said"),
    [
        ("planned", {}, "planned"),
        ("looked", {"absent": True}, "we asked the network and it is not there"),
        ("looked", {"absent": False}, "we asked the network and it could not tell"),
        ("settled", {"sent": True}, "now we know: it went out"),
        ("settled", {"sent": False}, "now we know: it did not go out, so it is planned again"),
        ("never-heard-of", {}, "never heard of"),
    ],
)
def test_history_is_told_in_the_past(action: str, more: dict[str, bool], said: str) -> None:
    """Each event has words, those with two ends have two, and an unknown one is at least readable."""
    assert words.event(action, **more) == said


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        ("2026-03-07T19:00+00:00", "tomorrow, 7:00 pm UK time"),
        ("2026-03-06T00:00+00:00", "today, 12:00 midnight UK time"),
        ("2026-03-05T12:00+00:00", "yesterday, 12:00 noon UK time"),
        ("2026-03-14T19:05+00:00", "Saturday 14 March 2026, 7:05 pm UK time"),
        ("2026-07-01T18:00+00:00", "Wednesday 1 July 2026, 7:00 pm UK time"),
        ("2026-10-25T00:30+00:00", "Sunday 25 October 2026, 1:30 am UK time (BST)"),
        ("2026-10-25T01:30+00:00", "Sunday 25 October 2026, 1:30 am UK time (GMT)"),
    ],
)
def test_a_time_is_told_in_words_with_its_zone(instant: str, said: str) -> None:
    """Near days by name, others in full; the hour that comes twice says which of the two it is."""
    assert when(datetime.fromisoformat(instant), LONDON, NOW) == said


@pytest.mark.parametrize(
    ("zone", "said"), [("Europe/Paris", "Paris time"), ("America/New_York", "New York time"), ("UTC", "UTC")]
)
def test_other_zones_are_called_by_their_city(zone: str, said: str) -> None:
    """A campaign elsewhere reads its own zone."""
    assert when(NOW, ZoneInfo(zone), NOW).endswith(f"m {said}") or when(NOW, ZoneInfo(zone), NOW).endswith(said)


@given(st.integers(946_684_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_no_two_minutes_of_a_day_read_the_same(instant: datetime) -> None:
    """An hour earlier or later is never told in the same words, not even when the clocks change."""
    said = {when(instant + timedelta(hours=hours), LONDON, NOW) for hours in (-12, -1, 0, 1, 12)}
    assert len(said) == 5


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=2, minutes=5), "2 hours 5 minutes"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=2, hours=3), "2 days 3 hours"),
        (timedelta(days=20, hours=3), "20 days"),
    ],
)
def test_a_length_of_time_is_told_in_at_most_two_units(delta: timedelta, said: str) -> None:
    """Lengths are rounded down and read aloud well; before and after are told from each other."""
    assert length(delta) == said
    if delta >= timedelta(minutes=1):
        assert ago(delta) == until(-delta) == f"{said} ago"
        assert until(delta) == ago(-delta) == f"in {said}"


def test_this_moment_is_now() -> None:
    """Less than a minute either way is now."""
    assert ago(timedelta(seconds=-5)) == ago(timedelta(seconds=5)) == "just now"
    assert until(timedelta(seconds=5)) == until(timedelta(seconds=-5)) == "now"


def test_numbers_of_things() -> None:
    """None, one, many, thousands, and words that end in y."""
    assert count(0, "post") == "no posts"
    assert count(1, "delivery") == "1 delivery"
    assert count(2, "delivery") == "2 deliveries"
    assert count(2, "day") == "2 days"
    assert count(12_000, "person", "people") == "12,000 people"


@pytest.mark.parametrize(
    ("usd", "said"),
    [(0.2, "US$0.20"), (0.015, "US$0.015"), (0, "US$0.00"), (1234.5, "US$1,234.50"), (3 * 0.1, "US$0.30")],
)
def test_money_shows_parts_of_a_cent_only_where_there_are_any(usd: float, said: str) -> None:
    """Two digits as a rule; more where the price has them."""
    assert money(usd) == said


def test_the_words_cost_next_to_nothing_to_import() -> None:
    """`status` and `log` need the words without templates, YAML, networks or the validation library."""
    heavy = "{'jinja2', 'yaml', 'pydantic', 'requests', 'PIL', 'sqlalchemy', 'apscheduler', 'regex', 'rich'}"
    code = f"import sys, socrbot.report.words; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
