"""What a network's list of posts proves about a try whose answer was lost.

For networks that know no key for a repeated post. Not here: the reading itself, and what is done with a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown
from socrbot.message import Absent, CannotTell, Finding, Found, Published, Receipt, SpanKind
from socrbot.text import normalise, spans


def same_words(shown: str, sent: str) -> bool:
    """Whether a text as a network shows it has the words that were sent. Links and spaces are left out of it.

    Texts of nothing but links are compared as they are.
    """
    one, other = normalise(shown), normalise(sent)
    return one == other if one or other else shown.strip() == sent.strip()


def other_links(shown: str, sent: str) -> str | None:
    """For `compare(differs=...)`, where a network shows addresses as they were written: what the difference is."""
    return None if _links(shown) == _links(sent) else "its link is another"


def _links(text: str) -> list[str]:
    return [span.value.removesuffix("/") for span in spans(text) if span.kind is SpanKind.LINK]


def compare(
    intent_text: str,
    media_count: int,
    posts: Sequence[Published],
    *,
    complete: bool,
    where: str,
    receipt: Callable[[Published], Receipt],
    same: Callable[[str, str], bool] = same_words,
    differs: Callable[[Published], str | None] = lambda _: None,
) -> Finding:
    """Looks for a post with these words and as many pictures among `posts`, newest first.

    complete   whether these are all of the account's posts since just before the try
    where      what people call the network, or the place on it: "X", "The Page"
    receipt    makes the receipt of the post that was found
    same       compares the text of a post with the one that was sent
    differs    how a post with the same words differs in something else, as the end of a sentence; None: in nothing

    The same words with a difference are left to a person: a wrong guess would lose a post or double it. Posts of
    pictures without words are told apart by the number of pictures alone.
    """
    alike = [post for post in posts if same(post.text, intent_text)]
    differences = [(post, _difference(post, media_count) or differs(post)) for post in alike]
    for post, difference in differences:
        if difference is None:
            evidence = f"{where} shows a post with the same words, of {post.created_at:%Y-%m-%d %H:%M:%S} UTC."
            return Found(receipt(post), evidence)
    if differences and intent_text:
        post, difference = differences[0]
        return CannotTell(f"{where} shows a post with the same words, but {difference}: {post.url or post.id}")
    if not complete:
        return CannotTell(f"{where} did not show all posts since then.")
    return Absent(f"{where} does not show it among the {len(posts)} posts since then.")


def look(read: Callable[[], Finding]) -> Finding:
    """What `read` finds. A NetworkError becomes CannotTell, with the time to come back where the network named one."""
    try:
        return read()
    except NetworkError as error:
        return CannotTell(str(error), error.retry_at if isinstance(error, NotSent) else None)


@contextmanager
def nothing_public() -> Iterator[None]:
    """Around calls that publish nothing: whatever became of them, trying again does no harm."""
    try:
        yield
    except OutcomeUnknown as lost:
        raise NotSent(str(lost), status=lost.status, code=lost.code) from None


def _difference(post: Published, media_count: int) -> str | None:
    if post.media_count == media_count:
        return None
    return f"it has {post.media_count} pictures instead of {media_count}"
