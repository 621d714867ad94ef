"""What counts as a character where, what a stretch of text means, and where a hashtag goes. Pure.

counting    graphemes, UTF-16 units, code points; where a limit falls
x           X's weighted count, with its own idea of links and emoji
spans       hashtags, links and mentions with their places
split       a long text as the texts of a thread
hashtag     whether the campaign's hashtag is there, and adding it where it reads well
characters  invisible and look-alike characters; the form in which texts are compared

Limits of a network are not here: they stand in its capabilities. The patterns are built at first use,
so importing this package costs next to nothing.
"""

from __future__ import annotations

from socrbot.text.characters import Odd, normalise, odd_characters
from socrbot.text.counting import code_points, graphemes, utf8_bytes, utf16_units, where_limit_falls
from socrbot.text.hashtag import add_hashtag, count_hashtag, has_hashtag, leads_on
from socrbot.text.spans import spans
from socrbot.text.split import split
from socrbot.text.x import x_forbidden, x_links, x_weight

__all__ = [
    "Odd",
    "add_hashtag",
    "code_points",
    "count_hashtag",
    "graphemes",
    "has_hashtag",
    "leads_on",
    "normalise",
    "odd_characters",
    "spans",
    "split",
    "utf8_bytes",
    "utf16_units",
    "where_limit_falls",
    "x_forbidden",
    "x_links",
    "x_weight",
]
