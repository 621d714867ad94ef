"""Keys and values of posts: every mistake at once, each with its place, in plain words."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from socrbot.campaign import Draft, Every, InSlot, Once, WithoutThreads
from tests.source.folder import codes, lines, load, load_post, texts


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """One file with many mistakes gives one line for each, in the order of the file."""
    loaded = load_post(
        tmp_path,
        """\
- id: first
  txt: Act now
  when: 7/3/2027 7pm
- id: second post
  text:
  accounts: [x, facebok]
- id: third
  text: Act now
  when: {every: satruday 19:00, untl: 2027-01-01}
  order: five
  media: media/card.png
""",
    )
    assert lines(loaded) == [
        'p.yaml:2:3: error[unknown-key]: there is no key "txt" here',
        '  did you mean "text"?',
        'p.yaml:3:9: error[bad-date]: "7/3/2027 7pm" is not a date with a time',
        "  write 2027-03-07 19:00 for 7 March or 2027-07-03 19:00 for 3 July",
        'p.yaml:4:7: error[bad-id]: "second post" cannot be a name: names have letters, digits and hyphens only',
        "  write second-post",
        "p.yaml:5:3: error[empty-value]: nothing is written here",
        '  write a value behind "text:", or take the line out',
        'p.yaml:6:17: error[unknown-account]: there is no account called "facebok" in config/accounts.yaml',
        '  did you mean "facebook" (config/accounts.yaml:3)?',
        'p.yaml:9:17: error[bad-weekday]: "satruday" is not a weekday',
        "  write saturday",
        'p.yaml:9:33: error[unknown-key]: there is no key "untl" here',
        '  did you mean "until"?',
        'p.yaml:10:10: error[bad-number]: "five" is not a whole number',
        "  write digits only, like 10",
        'p.yaml:11:10: error[wrong-type]: a list is wanted here for "media"',
        "  write - file: and behind it the path, and alt: with a description in the line below",
    ]


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("link: petiton", '  did you mean "petition" (config/campaign.yaml:5)?'),
        ("accounts: facebok", '  did you mean "facebook" (config/accounts.yaml:3)?'),
        ("accounts: [x, facebok]", '  did you mean "facebook" (config/accounts.yaml:3)?'),
        ("facts: [tribunal-sucess]", '  did you mean "tribunal-success" (config/facts.yaml:2)?'),
        ("when: {slot: tuesday-mornings}", '  did you mean "tuesday-morning" (config/campaign.yaml:7)?'),
        ("variants: {facebok: {text: b}}", '  did you mean "facebook" (config/accounts.yaml:3)?'),
    ],
)
def test_a_name_that_does_not_exist_is_met_with_the_nearest_that_does(key: str, hint: str, tmp_path: Path) -> None:
    """Unknown accounts, links, slots and facts name the likely one and where it stands."""
    loaded = load_post(tmp_path, f"text: Act now\n{key}\n")
    assert lines(loaded)[1:] == [hint]
    assert list(loaded.faulty) == ["p"]
    assert texts(loaded) == {}


def test_a_post_with_another_mistake_tells_its_unknown_names_too(tmp_path: Path) -> None:
    """A bad date does not hide that an account, a link, a fact, a slot or a variant does not exist."""
    loaded = load_post(
        tmp_path,
        "text: a\norder: five\nlink: petiton\naccounts: [x, facebok]\nfacts: [law]\n"
        "when: {slot: nowhere}\nvariants: {y: {text: b}}\n",
    )
    assert [(one.place.line, one.place.column, one.code) for one in loaded.problems] == [
        (2, 8, "bad-number"),
        (3, 7, "unknown-link"),
        (4, 15, "unknown-account"),
        (5, 9, "unknown-fact"),
        (6, 14, "unknown-slot"),
        (7, 12, "unknown-account"),
    ]
    assert {one.post for one in loaded.problems} == {"p"}
    assert loaded.faulty["p"].code == "bad-number"


def test_an_unknown_name_is_told_at_its_own_place(tmp_path: Path) -> None:
    """The place is that of the name, not of its key."""
    text = "- id: a\n  text: b\n  link: petiton\n  accounts:\n    - x\n    - twitter\n"
    assert [(one.place.line, one.place.column) for one in load_post(tmp_path, text).problems] == [(3, 9), (6, 7)]


def test_two_posts_with_one_id_name_each_other(tmp_path: Path) -> None:
    """A double id is told at both places, and neither post is used."""
    loaded = load(tmp_path, {"posts/a/tell.yaml": "text: a\n", "posts/b.yaml": "- id: tell\n  text: b\n"})
    assert [str(one) for one in loaded.problems] == [
        'posts/a/tell.yaml:1:1: error[duplicate-id]: another post has the id "tell" too: posts/b.yaml:1:3',
        'posts/b.yaml:1:3: error[duplicate-id]: another post has the id "tell" too: posts/a/tell.yaml:1:1',
    ]
    assert (texts(loaded), list(loaded.faulty)) == ({}, ["tell"])


def test_a_faulty_post_leaves_the_others_alone(tmp_path: Path) -> None:
    """A post with an error is left out and named; the rest of its file is used."""
    loaded = load_post(tmp_path, "- id: good\n  text: a\n- id: bad\n  text: b\n  grace: 2h\n")
    assert texts(loaded) == {"good": ["a"]}
    assert {name: one.code for name, one in loaded.faulty.items()} == {"bad": "bad-duration"}
    assert [one.post for one in loaded.problems] == ["bad"]
    assert loaded.campaign is not None
    assert loaded.campaign.unreadable == ()


def test_a_post_without_a_name_makes_its_file_doubtful(tmp_path: Path) -> None:
    """Where it cannot be told which post is wrong, what came from the file has to wait."""
    loaded = load_post(tmp_path, "- id: good\n  text: a\n- id: b d\n  text: b\n")
    assert loaded.campaign is not None
    assert loaded.campaign.unreadable == ("posts/p.yaml",)


@pytest.mark.parametrize(
    ("when", "schedule"),
    [
        ("2027-03-06 19:00", Once((datetime(2027, 3, 6, 19),))),  # noqa: DTZ001
        ('"2027-03-06 19:00"', Once((datetime(2027, 3, 6, 19),))),  # noqa: DTZ001
        ("[2027-03-06 19:00]", Once((datetime(2027, 3, 6, 19),), listed=True)),  # noqa: DTZ001
        ("{every: Saturday 19:00}", Every((5,), time(19))),
        ('{every: "thursday, monday 08:30"}', Every((0, 3), time(8, 30))),
        ("{every: weekday 08:00, count: 10}", Every((0, 1, 2, 3, 4), time(8), count=10)),
        (
            "{every: day 08:00, since: 2026-12-01, until: 2027-03-01}",
            Every((0, 1, 2, 3, 4, 5, 6), time(8), since=date(2026, 12, 1), until=date(2027, 3, 1)),
        ),
        ('{cron: "30 8 * * MON,thu"}', Every(cron="30 8 * * mon,thu")),
        ("{slot: tuesday-morning}", InSlot("tuesday-morning")),
    ],
)
def test_each_form_of_when_is_understood(when: str, schedule: object, tmp_path: Path) -> None:
    """A time, a list, a series, a cron expression and a slot become their schedules."""
    loaded = load_post(tmp_path, f"text: a\nwhen: {when}\n")
    assert lines(loaded) == []
    assert loaded.campaign is not None
    assert loaded.campaign.posts["p"].schedule == schedule


def test_a_post_that_says_nothing_of_its_time(tmp_path: Path) -> None:
    """It joins the default slot where there is one, and is a draft otherwise, as all in posts/drafts are."""
    without = load(tmp_path / "a", {"posts/p.yaml": "text: a\n"})
    campaign = "name: n\nhashtag: '#n'\ntime_zone: UTC\nslots: {s: monday 08:00}\ndefault_slot: s\n"
    files: dict[str, str | bytes] = {"posts/p.yaml": "text: a\n", "posts/drafts/d.yaml": "text: a\n"}
    with_slot = load(
        tmp_path / "b", {"config/campaign.yaml": campaign, **files, "posts/q.yaml": "text: a\ndraft: yes\n"}
    )
    assert without.campaign is not None
    assert with_slot.campaign is not None
    assert without.campaign.posts["p"].schedule == Draft()
    found = {name: post.schedule for name, post in with_slot.campaign.posts.items()}
    assert found == {"d": Draft(), "p": InSlot("s"), "q": Draft()}


@pytest.mark.parametrize(
    ("post", "code"),
    [
        ("when: 2027-03-06 19:00", "text-or-parts"),
        ("text: a\nparts: [b]", "text-or-parts"),
        ("text: a\nvariants: {x: {}}", "text-or-parts"),
        ("text: a\nvariants: {x: {skip: yes, text: b}}", "text-or-parts"),
        ("text: '  '", "empty-value"),
        ("text: a\naccounts:", "empty-value"),
        ("text: a\nwhen: #soon", "empty-value"),
        ("text: a\naccounts: []", "empty-value"),
        ("text: a\nparts: b", "wrong-type"),
        ("text: [a]", "wrong-type"),
        ("text: a\nmedia: [card.png]", "wrong-type"),
        ("text: a\nmedia: [{alt: b}]", "missing-key"),
        ("text: a\ndraft: maybe", "bad-yes-no"),
        ("text: a\ngrace: 0 minutes", "bad-duration"),
        ("text: a\nwhen: [2027-03-06 19:00, 2027-03-06 19:00]", "repeated"),
        ("text: a\nwhen: {every: monday 08:00, since: 2027-02-01, until: 2027-01-01}", "bad-date"),
        ("text: a\nwhen: {every: monday 08:00, count: 0}", "bad-number"),
        ("text: a\nwhen: {every: monday, tuesday 08:00}", "unknown-key"),
        ("? [a]\n: b\ntext: a", "odd-key"),
        ("text: a\nwhen: {at: [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}", "too-deep"),
        ("just some words", "wrong-type"),
    ],
)
def test_other_mistakes_have_their_codes(post: str, code: str, tmp_path: Path) -> None:
    """Each of these is an error of this kind."""
    assert code in codes(load_post(tmp_path, f"{post}\n"))


def test_the_records_hold_what_was_written(tmp_path: Path) -> None:
    """Numbers, lengths of time, yes and no, and wording for one network reach the post."""
    loaded = load_post(
        tmp_path,
        "text: a\norder: -3\ngrace: 90 minutes\nauthor: Ann\nlink: petition\n"
        "variants: {x: {parts: [b, c]}, facebook: {skip: yes}}\n",
    )
    assert loaded.campaign is not None
    post = loaded.campaign.posts["p"]
    assert (post.order, post.grace, post.author, post.link) == (-3, timedelta(minutes=90), "Ann", "petition")
    assert [part.source for part in post.variants["x"].parts] == ["b", "c"]
    assert post.variants["facebook"].skip
    assert [account.id for account in loaded.campaign.accounts_of(post)] == ["x"]


def test_the_digest_follows_what_is_said_and_not_where(tmp_path: Path) -> None:
    """It changes with any value and with the id, and not when the post moves or a comment is added."""

    def digest(text: str) -> str:
        loaded = load_post(tmp_path, text)
        assert loaded.campaign is not None, lines(loaded)
        return loaded.campaign.posts["p"].digest

    first = digest("text: a\norder: 1\n")
    assert digest("# a comment\n\ntext: 'a'\norder: 1 # first\n") == first
    others = ["text: b\norder: 1\n", "text: a\norder: 2\n", "text: a\n", "text: a\norder: 1\nauthor: Ann\n"]
    assert len({first, *map(digest, others)}) == 5


def test_how_a_thread_is_made_is_read(tmp_path: Path) -> None:
    """split, without_threads and language come with the post; without them nothing of it is wished."""
    wish = "split: yes\nwithout_threads: First Part Only\nlanguage: cy\n"
    loaded = load(tmp_path, {"posts/a.yaml": f"text: a\n{wish}", "posts/b.yaml": "text: b\n"})
    assert loaded.campaign is not None
    one, other = loaded.campaign.posts["a"], loaded.campaign.posts["b"]
    assert (one.split, one.without_threads, one.language) == (True, WithoutThreads.FIRST, "cy")
    assert (other.split, other.without_threads, other.language) == (False, None, None)


@pytest.mark.parametrize(
    ("written", "focus"),
    [
        ("0.2, -0.5", (0.2, -0.5)),
        ("1,-1", (1.0, -1.0)),
        ("top", (0.0, 1.0)),
        ("Bottom left", (-1.0, -1.0)),
        ("left top", (-1.0, 1.0)),
        ("centre", (0.0, 0.0)),
    ],
)
def test_a_picture_may_say_how_it_is_cut(tmp_path: Path, written: str, focus: tuple[float, float]) -> None:
    """`crop` and `focus` come with the picture; sides may be written in words."""
    item = (
        f"text: a\nmedia:\n  - file: card.png\n    alt: a card\n    people: no\n    crop: yes\n    focus: {written}\n"
    )
    loaded = load(tmp_path, {"posts/p.yaml": item, "card.png": b"\x89PNG"})
    assert loaded.campaign is not None
    [media] = loaded.campaign.posts["p"].media
    assert (media.crop, media.focus) == (True, focus)


@pytest.mark.parametrize("written", ["2, 0", "up", "left right", "top top", "0.1", "0,1,2", "a, b", "top left bottom"])
def test_a_focus_that_is_no_place_is_told(tmp_path: Path, written: str) -> None:
    """Numbers beyond the edge, sides that contradict each other, and other words."""
    item = f"text: a\nmedia:\n  - {{file: card.png, alt: b, people: no, focus: '{written}'}}\n"
    assert codes(load(tmp_path, {"posts/p.yaml": item, "card.png": b""})) == ["bad-focus"]


def test_a_variant_may_hold_options_alone(tmp_path: Path) -> None:
    """The post's words stay; a variant with nothing at all is still a mistake."""
    loaded = load_post(tmp_path, "text: a\nvariants:\n  x: {options: {visibility: unlisted}}\n")
    assert loaded.problems == ()
    assert loaded.campaign is not None
    [variant] = loaded.campaign.posts["p"].variants.values()
    assert (variant.text, variant.parts, variant.skip) == (None, (), False)
    assert dict(variant.options) == {"visibility": "unlisted"}
    assert codes(load_post(tmp_path, "text: a\nvariants:\n  x: {}\n")) == ["text-or-parts"]


def test_what_becomes_of_a_thread_is_one_of_three_things(tmp_path: Path) -> None:
    """Anything else is told, with the nearest."""
    assert lines(load_post(tmp_path, "text: a\nwithout_threads: coments\n")) == [
        'p.yaml:2:18: error[bad-without-threads]: "coments" is not something that can become of a thread',
        '  did you mean "comments"?',
    ]
