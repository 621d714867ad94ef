"""The files under config/: what is read from them, and what a mistake in them costs."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from socrbot.campaign import PublicMedia, QuietHours, Source
from tests.source.folder import ACCOUNTS, CAMPAIGN, FACTS, codes, lines, load, texts


def test_every_mistake_in_the_campaign_is_told(tmp_path: Path) -> None:
    """Wrong values of campaign.yaml each give their line."""
    loaded = load(
        tmp_path,
        {
            "config/campaign.yaml": """\
name: SOCR
hashtag: #SaveOurChildrensRights
time_zone: Europe/Lodnon
langauge: en-GB
links:
  petition: {title: Sign}
  mp letter: {url: https://example.org/a}
  site: {url: example.org}
slots:
  early: monday 7am
default_slot: late
quiet_hours: 21:30
spacing: half an hour
prices: {x.post: £0.01, post: 1}
"""
        },
    )
    assert [line.removeprefix("config/campaign.yaml:") for line in lines(loaded)] == [
        '2:10: error[lost-hashtag]: "#SaveOurChildrensRights" is lost: in text without quotes,'
        " a # after a space begins a comment",
        '  write: hashtag: "#SaveOurChildrensRights"',
        '3:12: error[bad-time-zone]: there is no time zone "Europe/Lodnon"',
        '  did you mean "Europe/London"?',
        '4:1: error[unknown-key]: there is no key "langauge" here',
        '  did you mean "language"?',
        '6:3: error[missing-key]: the key "url" is missing here',
        '7:3: error[bad-id]: "mp letter" cannot be a name: names have letters, digits and hyphens only',
        "  write mp-letter",
        '8:15: error[bad-url]: "example.org" is not a web address',
        "  write https://example.org",
        '10:10: error[bad-time]: "7am" is not a time of day',
        "  write 07:00, behind the weekday: saturday 19:00",
        '11:15: error[unknown-slot]: there is no slot called "late" in config/campaign.yaml',
        "  config/campaign.yaml has none",
        '12:14: error[bad-quiet-hours]: "21:30" is not a pair of times',
        "  write 21:30-07:00",
        '13:10: error[bad-duration]: "half an hour" is not a length of time',
        "  write a number and a unit: 90 seconds, 30 minutes, 2 hours, 28 days",
        '14:18: error[bad-number]: "£0.01" is not an amount',
        "  write US dollars in digits with a point: 0.015",
        '14:25: error[bad-id]: "post" is not the name of a price',
        "  write the network, a point and what is paid for: x.post",
    ]
    assert loaded.campaign is not None
    assert loaded.campaign.config_unreadable


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("accounts", "accounts: {x: {network: x, titel: X}, facebook: {network: facebook}}\n", "unknown-key"),
        ("accounts", "accounts: {x: {network: x, env: bsky wales}, facebook: {network: facebook}}\n", "bad-variable"),
        ("campaign", CAMPAIGN + "quiet_hour: 21:30-07:00\n", "unknown-key"),
        ("campaign", CAMPAIGN.replace("Europe/London", "Mars/Olympus"), "bad-time-zone"),
        ("campaign", CAMPAIGN + "name: Another\n", "duplicate-key"),
        ("facts", "facts: {a: b\n", "syntax"),
        ("facts", "- a\n", "wrong-type"),
    ],
)
def test_a_config_without_sense_lets_nothing_out(file: str, content: str, code: str, tmp_path: Path) -> None:
    """The campaign is still there to be checked, and marked so that nothing is sent."""
    loaded = load(tmp_path, {f"config/{file}.yaml": content, "posts/p.yaml": "text: a\n"})
    assert codes(loaded) == [code]
    assert loaded.campaign is not None
    assert loaded.campaign.config_unreadable
    assert texts(loaded) == {"p": ["a"]}


@pytest.mark.parametrize("file", ["campaign", "accounts"])
@pytest.mark.parametrize("content", ["a: @b\n", "", "- a\n", "just words\n"])
def test_without_campaign_or_accounts_there_is_none(file: str, content: str, tmp_path: Path) -> None:
    """Without sense in one of these files there is no campaign; the posts' own mistakes are told all the same."""
    loaded = load(tmp_path, {f"config/{file}.yaml": content, "posts/p.yaml": "txt: a\naccounts: x\n"})
    assert loaded.campaign is None
    assert codes(loaded)[-1] == "unknown-key"
    assert len(loaded.problems) == 2


def test_one_wrong_entry_holds_only_what_names_it(tmp_path: Path) -> None:
    """A wrong link, slot or fact is left out, and posts that use it point to it."""
    loaded = load(
        tmp_path,
        {
            "config/campaign.yaml": CAMPAIGN.replace("https://example.org/petition", "example.org/petition"),
            "config/facts.yaml": FACTS + "  old: {statement: Old., checked: 1/2/2026}\n",
            "posts/a.yaml": "text: a\n",
            "posts/b.yaml": "text: b\nlink: petition\n",
            "posts/c.yaml": "text: c\nfacts: [old]\n",
        },
    )
    assert texts(loaded) == {"a": ["a"]}
    assert lines(loaded)[4:] == [
        'b.yaml:2:7: error[unknown-link]: the link "petition" has a mistake of its own',
        "  put that right first: config/campaign.yaml:5:3",
        'c.yaml:2:9: error[unknown-fact]: the fact "old" has a mistake of its own',
        "  put that right first: config/facts.yaml:3:3",
    ]
    assert loaded.campaign is not None
    assert not loaded.campaign.config_unreadable
    assert list(loaded.campaign.facts) == ["tribunal-success"]


def test_facts_are_not_missed_when_their_file_cannot_be_read(tmp_path: Path) -> None:
    """One problem for the file is enough: posts that name its facts are not blamed."""
    loaded = load(tmp_path, {"config/facts.yaml": "facts: @\n", "posts/p.yaml": "text: a\nfacts: [law]\n"})
    assert codes(loaded) == ["quotes-needed"]


def test_the_records_hold_what_was_written(tmp_path: Path) -> None:
    """Accounts, links, slots, facts and the campaign's own values reach their records, with places."""
    loaded = load(
        tmp_path,
        {
            "config/campaign.yaml": CAMPAIGN
            + "quiet_hours: 21:30-07:00\nspacing: 30 minutes\ngrace: 1 hour\nplan_ahead: 2 weeks\n"
            "prices: {x.post: 0.015}\n",
            "config/accounts.yaml": ACCOUNTS
            + "  wales: {network: bluesky, env: BSKY_WALES, spacing: 1 hour, options: {port: 080}}\n",
            "config/facts.yaml": FACTS
            + "  law:\n    statement: The law.\n    source: {title: The Act, date: 2014-03-13}\n"
            "    check_again: 2027-01-31\n",
        },
    )
    campaign = loaded.campaign
    assert lines(loaded) == []
    assert campaign is not None
    assert campaign.quiet_hours == QuietHours(time(21, 30), time(7))
    assert (campaign.spacing, campaign.grace) == (timedelta(minutes=30), timedelta(hours=1))
    assert (campaign.plan_ahead, dict(campaign.prices)) == (timedelta(days=14), {"x.post": 0.015})
    wales = campaign.accounts["wales"]
    assert (wales.env, wales.spacing, dict(wales.options)) == ("BSKY_WALES", timedelta(hours=1), {"port": "080"})
    assert campaign.links["petition"].placeholder
    assert campaign.facts["law"].source == Source("The Act", published=date(2014, 3, 13))
    assert campaign.facts["law"].check_again == date(2027, 1, 31)
    assert str(campaign.facts["law"].place) == "config/facts.yaml:3:3"
    assert campaign.language == "en-GB"


def test_the_campaigns_digest_covers_everything(tmp_path: Path) -> None:
    """It changes with the config, a post, the order of files and a media file, and not by loading again."""
    files: dict[str, str | bytes] = {
        "posts/a.yaml": "text: a\nmedia: [{file: media/c.png, alt: b}]\n",
        "media/c.png": b"1",
    }
    changes: list[dict[str, str | bytes]] = [
        {},
        {},
        {"config/campaign.yaml": CAMPAIGN + "grace: 3 hours\n"},
        {"config/facts.yaml": FACTS.replace("98.3", "98.4")},
        {"posts/a.yaml": "text: b\nmedia: [{file: media/c.png, alt: b}]\n"},
        {"media/c.png": b"22"},
        {"posts/b.yaml": "text: @\n"},
    ]
    digests = []
    for number, change in enumerate(changes):
        campaign = load(tmp_path / str(number), {**files, **change}).campaign
        assert campaign is not None
        digests.append(campaign.digest)
    assert digests[0] == digests[1]
    assert len(set(digests)) == len(changes) - 1


def test_what_accounts_and_links_may_say_is_read(tmp_path: Path) -> None:
    """Budget, pictures only, metrics; a link without UTM, the parameters, and where pictures are shown."""
    loaded = load(
        tmp_path,
        {
            "config/accounts.yaml": "accounts:\n  x: {network: x, budget: 12.50, only_with_media: yes, metrics: no}\n"
            "  y: {network: x, env: Y}\n".replace("env: Y", "env: X_WALES"),
            "config/campaign.yaml": CAMPAIGN.replace("/petition}", "/petition, utm: no}")
            + 'utm: {utm_source: "{network}", utm_content: "{post}-{account}"}\nmedia: {through: x}\n',
        },
    )
    assert loaded.problems == ()
    campaign = loaded.campaign
    assert campaign is not None
    x, y = campaign.accounts["x"], campaign.accounts["y"]
    assert (x.budget, x.only_with_media, x.metrics) == (12.5, True, False)
    assert (y.budget, y.only_with_media, y.metrics) == (None, False, None)
    assert not campaign.links["petition"].utm
    assert dict(campaign.utm) == {"utm_source": "{network}", "utm_content": "{post}-{account}"}
    assert isinstance(campaign.public_media, PublicMedia)
    assert (campaign.public_media.through, campaign.public_media.url) == ("x", None)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("utm: {source: x}", ["bad-utm", '"source" is not the name of a UTM parameter', "utm_source"]),
        ("utm: {utm_source: our page}", ["bad-utm", "cannot stand in an address", "write our-page"]),
        ('utm: {utm_source: "{netwrok}"}', ["bad-utm", "{netwrok}", 'did you mean "network"?']),
        ("media: {public_url: http://a.test/b, folder: c}", ["bad-url", "not a secure address", "https://a.test/b"]),
        ("media: {public_url: https://a.test/b}", ["bad-public-media", "either public_url and folder", "folder:"]),
        ("media: {}", ["bad-public-media", "or through", "public_url:"]),
        ("media: {through: facebok}", ["unknown-account", "facebok", 'did you mean "facebook"']),
        ("media: {throuhg: facebook}", ["unknown-key", "throuhg", 'did you mean "through"?']),
    ],
)
def test_mistakes_in_how_links_and_pictures_are_shown(tmp_path: Path, written: str, told: list[str]) -> None:
    """Each is told with what to write, and nothing goes out until it is put right."""
    loaded = load(tmp_path, {"config/campaign.yaml": f"{CAMPAIGN}{written}\n"})
    said = "\n".join(lines(loaded))
    assert all(words in said for words in told), said
    assert loaded.campaign is not None
    assert loaded.campaign.config_unreadable
