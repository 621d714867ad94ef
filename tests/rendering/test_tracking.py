"""UTM parameters: behind the campaign's own addresses, in their right place, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socrbot.campaign import Link
from socrbot.errors import Place
from socrbot.rendering import Renderer
from socrbot.rendering.tracking import with_parameters
from tests.rendering.making import ACCOUNTS, LINKS, PLAIN, TAG, WITH_CARD, campaign, message, post

UTM = {"utm_source": "{network}", "utm_campaign": "rights", "utm_content": "{post}-{account}"}
X = "?utm_source=x&utm_campaign=rights&utm_content=a-x"


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("Sign {{ link('petition') }}.", f"Sign https://example.org/petition{X}. {TAG}"),
        ("Sign https://example.org/petition, now.", f"Sign https://example.org/petition{X}, now. {TAG}"),
        ("See https://example.org/petition-2.", f"See https://example.org/petition-2. {TAG}"),
        ("See https://example.org/petition?a=b.", f"See https://example.org/petition?a=b. {TAG}"),
        ("{{ fact('tribunal').source.url }} #x", f"https://www.gov.uk/statistics #x {TAG}"),
    ],
)
def test_only_the_campaigns_own_addresses_get_parameters(source: str, wanted: str) -> None:
    """By name or written out whole; an address that only begins like one stays as it is, and so do sources."""
    links = {"petition": LINKS["petition"]}
    assert message(post(source), utm=UTM, links=links).parts[0].text == wanted


def test_the_link_of_a_post_gets_them_wherever_it_stands() -> None:
    """As the last line, in a card, and once only."""
    beside = message(post("Words.", link="petition"), capabilities=WITH_CARD, utm=UTM).parts[0]
    assert beside.link == f"https://example.org/petition{X}"
    inside = message(post("Words.", link="petition"), utm=UTM).parts[0]
    assert inside.text == f"Words. {TAG}\nhttps://example.org/petition{X}"
    once = message(post("Sign {{ link('petition') }}", link="petition"), utm=UTM).parts[0]
    assert once.text.count("example.org") == 1


def test_a_link_may_go_without() -> None:
    """`utm: no` at a link keeps its address as it is."""
    links = {"petition": replace(LINKS["petition"], utm=False)}
    assert "?" not in message(post("{{ link('petition') }}"), utm=UTM, links=links).parts[0].text


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("https://a.test/b", "https://a.test/b?utm_source=x"),
        ("https://a.test", "https://a.test/?utm_source=x"),
        ("https://a.test/b?c=d", "https://a.test/b?c=d&utm_source=x"),
        ("https://a.test/b#e", "https://a.test/b?utm_source=x#e"),
        ("https://a.test/b?c=d#e?f", "https://a.test/b?c=d&utm_source=x#e?f"),
        ("https://a.test/b?utm_source=own", "https://a.test/b?utm_source=own"),
    ],
)
def test_parameters_go_behind_the_query_and_before_the_fragment(address: str, wanted: str) -> None:
    """What an address has already stays."""
    assert with_parameters(address, (("utm_source", "x"),)) == wanted


@given(
    st.from_regex(r"https://a\.test(/[a-z0-9%.]{0,5}){0,2}(\?[a-z]=[a-z0-9]{0,3})?(#[a-z]{0,4})?", fullmatch=True),
    st.dictionaries(st.from_regex("utm_[a-z]{1,5}", fullmatch=True), st.from_regex("[a-z0-9]{1,5}", fullmatch=True)),
)
def test_an_address_stays_the_same_but_for_its_query(address: str, parameters: dict[str, str]) -> None:
    """Host, path and fragment are kept, the old query is kept, and each parameter is there once."""
    before, after = urlsplit(address), urlsplit(with_parameters(address, tuple(parameters.items())))
    assert (before.netloc, before.path or "/", before.fragment) == (after.netloc, after.path, after.fragment)
    old = parse_qsl(before.query, keep_blank_values=True)
    assert parse_qsl(after.query, keep_blank_values=True) == [*old, *parameters.items()]


def test_placeholders_are_known_all_the_same() -> None:
    """They are named as they stand in the files."""
    made = message(post("Sign {{ link('petition') }}", link="petition"), utm=UTM)
    assert made.placeholders == ("https://example.org/petition",)


def test_the_same_words_are_known_whatever_is_counted() -> None:
    """Parameters that name the post do not hide that another post said the same."""
    one, other = post("Sign {{ link('petition') }}"), replace(post("Sign {{ link('petition') }}"), id="b")
    digests = {message(each, utm=utm).wording_digest for each in (one, other) for utm in ({}, UTM)}
    assert len(digests) == 1


def test_a_post_without_such_an_address_is_made_once_for_all() -> None:
    """Parameters that differ from account to account cost nothing where there is nothing to put them behind."""
    renderer = Renderer(campaign(utm=UTM))
    same = post("Words.")
    shared = [renderer.render(same, account, PLAIN).message for account in ACCOUNTS.values()]
    assert len({id(one.parts) for one in shared if one}) == 1
    linked = post("Sign {{ link('petition') }}")
    own = [renderer.render(linked, account, PLAIN).message for account in ACCOUNTS.values()]
    assert [one.parts[0].text.partition("utm_source=")[2].partition("&")[0] for one in own if one] == list(ACCOUNTS)


def test_a_longer_address_is_seen_by_the_split() -> None:
    """The thread's last part has room for the address with its parameters."""
    capabilities = replace(PLAIN, text_limit=120, threads=True)
    links = {"petition": Link("petition", "https://petition.test/1", Place("config/campaign.yaml", 5, 3))}
    long = post("One sentence of some length, for once. " * 5, split=True, link="petition")
    made = message(long, capabilities=capabilities, utm=UTM, links=links)
    assert made.parts[-1].text.endswith("utm_content=a-x")
    assert all(len(part.text) <= 120 for part in made.parts)
