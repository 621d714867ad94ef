"""The contract's own tools: a network without a bench fails, and the texts that it tries are what they should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot import networks
from socrbot.clock import VirtualClock
from socrbot.message import Capabilities
from socrbot.text import code_points, x_weight
from tests.networks import benches
from tests.networks.bench import START
from tests.networks.cases import each_network, exactly, fits, longest, texts

SMALL = Capabilities(60, code_points, byte_limit=90, max_links=1, max_hashtags=1)


def test_every_public_network_is_tried() -> None:
    """The table of networks decides, and nothing else: the outbox is the only one that is left out."""
    assert {parameter.id for parameter in each_network()} == set(networks.NETWORKS) - {"outbox"}


def test_a_network_without_a_bench_fails(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """It is not skipped, and the message says which file is missing."""
    with pytest.raises(pytest.fail.Exception, match=r"tests/networks/benches/carrier_pigeon\.py"):
        with benches.open_bench("carrier_pigeon", request, VirtualClock(START), tmp_path / "account"):
            pass


@pytest.mark.parametrize("limit", [1, 9, 280, 500, 63_206])
def test_a_text_of_exactly_a_length(limit: int) -> None:
    """Plain words, so that every way of counting agrees."""
    assert len(exactly(limit)) == code_points(exactly(limit)) == x_weight(exactly(limit)) == limit


def test_what_fits() -> None:
    """Length, bytes and the number of links and hashtags, as the capabilities say."""
    assert fits("a" * 60, SMALL)
    assert not fits("a" * 61, SMALL)
    assert not fits("ŵ" * 46, SMALL)
    assert not fits(" \n", SMALL)
    assert not fits("#one #two", SMALL)
    assert not fits("https://example.org https://example.com", SMALL)


def test_where_each_post_has_a_picture_the_caption_counts() -> None:
    """Its limit is that of every text; where pictures are a choice, a text alone may be longer."""
    assert longest(Capabilities(400, code_points, caption_limit=100, min_media=1)) == 100
    assert longest(Capabilities(400, code_points, caption_limit=100)) == 400


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_texts_that_are_tried_fit(data: Any) -> None:
    """Else a refusal of the network would prove nothing."""
    assert fits(data.draw(texts(SMALL)), SMALL)
