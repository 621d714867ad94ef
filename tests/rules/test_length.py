"""Texts that are too long: by how much, where the limit falls, and what would help."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot import rules
from socrbot.campaign import Account, Variant, WithoutThreads
from socrbot.errors import Place, Problem
from socrbot.message import Option, SpanKind
from socrbot.rendering import Renderer
from tests.rules import making
from tests.rules.making import (
    ACCOUNTS,
    CAPABILITIES,
    campaign,
    check,
    context,
    picture,
    post,
    situation,
    text,
    variant,
)

SENTENCE = "Families win nearly every appeal, and still they wait. "


def too_long(problems: tuple[Problem, ...]) -> list[Problem]:
    return [problem for problem in problems if problem.code == "too-long"]


def test_a_comment_may_be_shorter_than_a_post(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where later parts become comments, the network's limit for comments counts for them."""
    limited = replace(CAPABILITIES["facebook"], comments=True, comment_limit=30)
    monkeypatch.setitem(making.CAPABILITIES, "facebook", limited)
    long = "This is much longer than thirty characters."
    thread = post(parts=(text(long), text(long)), accounts=("facebook",), without_threads=WithoutThreads.COMMENTS)
    (found,) = [problem for problem in check(thread) if problem.code == "too-long"]
    assert found.message.startswith("On Facebook part 2 is 13 characters too long: 43 of at most 30 in a comment.")


def test_a_text_that_just_fits_is_left_alone() -> None:
    """280 units on X, the added hashtag among them, are no problem."""
    assert not too_long(check(post("a" * (280 - 24)), accounts={"x": ACCOUNTS["x"]}))


def test_one_character_more_is_told() -> None:
    """One unit over the limit is an error that says so in the singular."""
    [problem] = too_long(check(post("a" * (281 - 24)), accounts={"x": ACCOUNTS["x"]}))
    assert "On X this is 1 character too long: 281 of at most 280." in problem.message
    assert problem.severity == "error"
    assert problem.post == "law"


def test_each_network_is_told_once_however_many_accounts_it_has() -> None:
    """Two accounts on X with the same words give one problem, Bluesky gives its own."""
    accounts = {**ACCOUNTS, "x-wales": Account("x-wales", "x", Place("config/accounts.yaml", 9, 3))}
    found = too_long(check(post(SENTENCE * 6), accounts=accounts))
    assert [problem.message.split()[1] for problem in found] == ["X", "Bluesky"]


def test_the_place_is_that_of_the_cut() -> None:
    """The place is the line and column of the file at which the limit falls, and the words around it are shown."""
    lines = "".join(f"Line {number:02d}: {SENTENCE.strip()}\n" for number in range(1, 7))
    [problem] = too_long(check(post(lines), accounts={"x": ACCOUNTS["x"]}))
    # Each line has 63 characters and its end: the limit falls after character 24 of the fifth line.
    assert problem.place == Place("posts/law.yaml", 6, 2 + 25)
    assert "Families win ne▮arly every appeal, and…”" in problem.message


def test_the_cut_is_found_in_a_text_with_braces() -> None:
    """The place is told too where a fact was written out before the cut."""
    source = "{{ fact('tribunal') }}\n" + "".join(f"{number} {SENTENCE}\n" for number in range(5))
    [problem] = too_long(check(post(source), accounts={"x": ACCOUNTS["x"]}))
    assert problem.place.line == 6


def test_own_words_for_a_network_are_what_is_too_long() -> None:
    """The place is in the variant, not in the text that the network does not get."""
    one = post("Short.", variants={"x": variant(SENTENCE * 6)})
    [problem] = too_long(check(one))
    assert problem.place.line == 12


def test_the_hashtag_is_named_where_it_is_what_is_too_much() -> None:
    """The hint says that the text would fit without the hashtag that was added."""
    [problem] = too_long(check(post("a" * 270), accounts={"x": ACCOUNTS["x"]}))
    assert problem.hint is not None
    assert problem.hint.endswith("Without the hashtag it would fit.")


def test_a_hashtag_of_the_authors_own_is_not_blamed() -> None:
    """Where the author wrote the hashtag, the hint does not speak of it."""
    [problem] = too_long(check(post("#SaveOurChildrensRights " + "a" * 270), accounts={"x": ACCOUNTS["x"]}))
    assert "Without" not in str(problem.hint)


@pytest.mark.parametrize(
    ("source", "blamed"),
    [("a" * 240, "hashtag"), ("a" * 270, "link and the hashtag"), ("#SaveOurChildrensRights " + "a" * 240, "link")],
)
def test_what_was_added_and_is_too_much_is_named(source: str, blamed: str) -> None:
    """The hint names the added hashtag, the added link, or both where only both together would help."""
    [problem] = too_long(check(post(source, link="petition"), accounts={"x": ACCOUNTS["x"]}))
    assert str(problem.hint).endswith(f"Without the {blamed} it would fit.")


def test_bytes_count_where_the_network_limits_them() -> None:
    """A text of few characters but many bytes is too long for Bluesky, in bytes."""
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
    [problem] = too_long(check(post(family * 150), accounts={"bluesky": ACCOUNTS["bluesky"]}))
    assert "774 bytes too long: 3,774 of at most 3,000" in problem.message


def test_the_part_of_a_thread_is_named() -> None:
    """In a thread it is said which part is too long, and the place is in that part."""
    one = post(parts=(text("First."), text(SENTENCE * 6, line=9)))
    [problem] = too_long(check(one, accounts={"x": ACCOUNTS["x"]}))
    assert "part 2 is" in problem.message
    assert problem.place.line == 9


def test_the_last_moment_holds_what_is_too_long() -> None:
    """A limit that shrank since the check holds the delivery; a fitting text passes."""
    fits = situation(post("Short."))
    assert rules.look(fits) is None
    held = rules.look(replace(fits, capabilities=replace(CAPABILITIES["x"], text_limit=10)))
    assert held is not None
    assert held.code == "too-long"
    assert held.detail.startswith("On X it is ")


def test_a_thread_is_offered_with_its_cuts() -> None:
    """Where the network has threads, the hint says what `split: yes` would make, and shows each cut."""
    [problem] = too_long(check(post(SENTENCE * 10), accounts={"x": ACCOUNTS["x"]}))
    assert "`split: yes`, which would make a thread of 3, cut here:" in str(problem.hint)
    assert str(problem.hint).count("still they wait. ▮Families win nearly") == 2


def test_no_thread_is_offered_where_it_would_not_help() -> None:
    """A word that is too long, a network without threads, and a post that allows it already."""
    assert "split" not in str(too_long(check(post("a" * 300), accounts={"x": ACCOUNTS["x"]}))[0].hint)
    facebook = {"facebook": ACCOUNTS["facebook"]}
    assert "split" not in str(too_long(check(post(SENTENCE * 1_300), accounts=facebook))[0].hint)
    assert "Or write `split: yes`" not in str(
        too_long(check(post("a" * 300, split=True), accounts={"x": ACCOUNTS["x"]}))[0].hint
    )


def test_with_the_authors_leave_it_is_split_and_fits() -> None:
    """`split: yes` leaves nothing to say, and nothing that holds the post."""
    one = post(SENTENCE * 9, split=True)
    assert check(one) == ()
    assert rules.look(situation(one)) is None


def test_a_text_beside_pictures_may_have_less_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caption's limit holds for the part with the pictures, and is named."""
    monkeypatch.setitem(making.CAPABILITIES, "bluesky", replace(CAPABILITIES["bluesky"], caption_limit=50))
    bluesky = {"bluesky": ACCOUNTS["bluesky"]}
    one = post(SENTENCE, media=(picture(),))
    [problem] = too_long(check(one, accounts=bluesky))
    assert "of at most 50 beside pictures" in problem.message
    assert not too_long(check(post(SENTENCE), accounts=bluesky))
    held = rules.look(situation(one, account="bluesky"))
    assert held is not None
    assert held.code == "too-long"


def test_an_option_may_count_as_part_of_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A content warning takes its room from the text, and the limit falls that much earlier."""
    option = {"warning": Option("a content warning", counted=True)}
    monkeypatch.setitem(making.CAPABILITIES, "x", replace(CAPABILITIES["x"], options=option))
    long = post("word " * 45, variants={"x": Variant(options={"warning": "w" * 60})})
    [problem] = too_long(check(long, accounts={"x": ACCOUNTS["x"]}))
    assert "308 of at most 280" in problem.message
    assert not too_long(check(post("word " * 45), accounts={"x": ACCOUNTS["x"]}))


def test_the_place_in_a_joined_text_is_that_of_the_text_with_the_cut() -> None:
    """A text joined of two parts is too long in the second, and that is where the problem stands."""
    facebook = {"facebook": ACCOUNTS["facebook"]}
    second = "".join(f"{number} {SENTENCE}" for number in range(1_300))
    one = post(parts=(text("First."), text(second, line=9)), without_threads=WithoutThreads.JOIN)
    [problem] = too_long(check(one, accounts=facebook))
    assert problem.place.line == 9
    assert problem.place.column > 1_000


PIECES = [
    SENTENCE,
    "One.\n\nTwo.\n",
    "https://a.test/1 ",
    "👩‍👩‍👧‍👦",
    "word ",
    "#tag ",
    "@someone ",
    "{{ link('petition') }} ",
]


@given(
    st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=14).map("".join), min_size=1, max_size=3),
    st.sampled_from(list(ACCOUNTS)),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, "petition"]),
    st.sampled_from([None, *WithoutThreads]),
)
@settings(max_examples=150, deadline=None)
def test_what_was_passed_is_never_too_much(
    sources: list[str], account: str, split: bool, media: bool, link: str | None, without: WithoutThreads | None
) -> None:
    """A post that the check passed exceeds no limit of its network in any part, with all that was added to it."""
    tight = replace(
        CAPABILITIES[account], text_limit=200, caption_limit=150, max_links=2, max_hashtags=3, max_mentions=1
    )
    parts = tuple(map(text, sources))
    one = post(parts=parts, split=split, link=link, without_threads=without, media=(picture(),) if media else ())
    whole = campaign(
        one, accounts={account: ACCOUNTS[account]}, utm={"utm_source": "{network}", "utm_content": "{post}"}
    )
    renderer = Renderer(whole)
    circumstances = replace(context(whole), capabilities={account: tight})
    if any(problem.severity == "error" for problem in rules.check_post(one, renderer, circumstances)):
        return
    made = renderer.render(one, ACCOUNTS[account], tight).message
    assert made is not None
    assert len(made.parts) == 1 or tight.threads
    for part in made.parts:
        assert tight.measure(part.text) <= (150 if part.media else 200)
        assert tight.byte_limit is None or len(part.text.encode()) <= tight.byte_limit
        kinds = [span.kind for span in part.spans]
        assert kinds.count(SpanKind.HASHTAG) <= 3
        assert kinds.count(SpanKind.MENTION) <= 1
        assert len({*(span.value for span in part.spans if span.kind is SpanKind.LINK), part.link} - {None}) <= 2


def test_a_word_that_no_part_can_hold_is_told_as_the_reason() -> None:
    """With `split: yes` words are never cut, so the hint names the word that is too long by itself."""
    [problem] = check(post("So " + "l" * 400, split=True), accounts={"x": ACCOUNTS["x"]})
    assert "cuts between words only" in str(problem.hint)
    assert "400" in str(problem.hint)
    [whole] = check(post("So " + "l" * 400), accounts={"x": ACCOUNTS["x"]})
    assert "cuts between words only" not in str(whole.hint)
