"""Finds where in the team's files a problem stands: which text was used, and which line of it.

A rendered text differs from what was written, so a place is given as exactly as it can be told and never more so.
"""

from __future__ import annotations

from collections.abc import Iterator

from socrbot.campaign import Account, Campaign, Post, Text
from socrbot.errors import Place
from socrbot.message import Part

# So many characters before a cut are looked up in what was written; fewer would be found in the wrong sentence.
_PROBES = (400, 100, 50, 24)


def texts_of(post: Post) -> Iterator[tuple[str, Text]]:
    """Every text of a post with its key, its own first: ("text", ...), ("variants.x.text", ...)."""
    for number, text in enumerate(post.parts):
        yield (f"parts.{number}" if len(post.parts) > 1 else "text"), text
    for name, variant in post.variants.items():
        if variant.text is not None:
            yield f"variants.{name}.text", variant.text
        for number, text in enumerate(variant.parts):
            yield f"variants.{name}.parts.{number}", text


def written_for(post: Post, account: Account, campaign: Campaign) -> tuple[Text, ...]:
    """The texts that this account gets, one for each part."""
    variant = campaign.variant_of(post, account)
    if variant.text is not None:
        return (variant.text,)
    return variant.parts or post.parts


def text_of_part(post: Post, account: str, number: int, campaign: Campaign) -> Text | None:
    """The text that part `number` (from 1) is made from on the account with this id."""
    known = campaign.accounts.get(account)
    texts = written_for(post, known, campaign) if known is not None else post.parts
    return texts[number - 1] if number <= len(texts) else None


def place_at(text: Text, index: int) -> Place:
    """The place in the file of character `index` (from 0) of what was written."""
    before = text.source[:index]
    return text.place_of(before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1)


def find_cut(post: Post, account: str, part: Part, cut: int, campaign: Campaign) -> Place:
    """The place in the file of character `cut` of a part's text, where it can be told; else that of its text.

    A part may be made of several texts, or of a piece of one.
    """
    own = text_of_part(post, account, part.number, campaign)
    known = campaign.accounts.get(account)
    others = written_for(post, known, campaign) if known is not None else post.parts
    for text in dict.fromkeys([*([own] if own is not None else []), *others]):
        for length in _PROBES:
            probe = part.text[max(0, cut - length) : cut]
            if probe and text.source.count(probe) == 1:
                return place_at(text, text.source.index(probe) + len(probe))
    nearest = own or (others[-1] if others else None)
    return nearest.place if nearest is not None else post.place_of("text")


def between(before: str, after: str) -> str:
    """The words on both sides of a cut between two texts: "…the law says. ▮ Then what is…"."""
    return around(f"{before} {after}", len(before) + 1)


def around(text: str, cut: int, *, width: int = 24) -> str:
    """The words around character `cut`, which is marked: "…sign the petition ▮today, because…"."""
    before, after = text[:cut], text[cut:]
    head = before if len(before) <= width else "…" + _from_word(_one_line(before[-width:])).lstrip()
    tail = after if len(after) <= width else _to_word(_one_line(after[:width])).rstrip() + "…"
    return f"{_one_line(head)}▮{_one_line(tail)}"


def _from_word(text: str) -> str:
    _, space, rest = text.partition(" ")
    return rest if space and rest.strip() else text


def _to_word(text: str) -> str:
    rest, space, _ = text.rpartition(" ")
    return rest if space and rest.strip() else text


def _one_line(text: str) -> str:
    return text.replace("\r\n", " ").replace("\n", " ")
