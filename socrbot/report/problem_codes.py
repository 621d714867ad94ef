"""Every problem code with one line of what it says: for the documentation and for `--help`.

The codes of reading the files stand in `source.problems`; here are those of rendering and of the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

RENDERING: Mapping[str, str] = MappingProxyType(
    {
        "unknown-fact": "The text names a fact that config/facts.yaml does not have.",
        "unknown-link": "The text names a link that config/campaign.yaml does not have.",
        "template-syntax": "The braces in the text do not fit together, so it cannot be read.",
        "template-undefined": "The text uses a name that does not exist.",
        "template-error": "The text could not be made from what stands between its braces.",
    }
)

RULES: Mapping[str, str] = MappingProxyType(
    {
        "media-missing": "A picture that the post names is not there.",
        "media-unusable": "A picture cannot be opened, is too large, moves, or is no picture at all.",
        "no-consent": "A picture may show people who can be recognised, and consent cannot be recorded yet.",
        "alt-missing": "A picture has no description for people who cannot see it.",
        "alt-is-filename": "The description of a picture is only the name of a file.",
        "alt-too-long": "The description of a picture is longer than a network takes.",
        "media-too-many": "The post has more pictures than a network takes.",
        "needs-picture": "A network takes no post without a picture, and this one has none.",
        "video-unsuitable": "A network does not take the video: too long, too large, or no videos at all.",
        "no-public-address": "A network fetches its pictures itself, and the campaign has no public place for them.",
        "fact-retired": "The post uses a fact that the team has retired.",
        "fact-stale": "The post uses a fact that had to be checked again by now.",
        "fact-soon-stale": "A fact in use must be checked again within 14 days.",
        "fact-no-source": "A fact in use has no source, or no day by which it must be checked again.",
        "placeholder-link": "An address is on example.org, .com or .net and still has to be filled in.",
        "hashtag-twice": "The campaign's hashtag stands in the post more than once.",
        "hashtag-case": "The campaign's hashtag is written with other capitals than the campaign's own.",
        "empty-text": "The post, or a part of it, has no words of its own.",
        "look-alike-letter": "There is a character that only looks like a letter.",
        "hidden-direction": "There is an invisible mark that turns the direction of the text.",
        "odd-character": "There is an invisible or special character that does not belong in plain text.",
        "too-long": "The text is too long for a network.",
        "too-many-links": "The text has more links than a network takes.",
        "too-many-hashtags": "The text has more hashtags than a network takes.",
        "too-many-mentions": "The text mentions more people than a network takes.",
        "mention-at-risk": "The text mentions somebody, for which a network may refuse it.",
        "unknown-option": "An option is set that the network does not have.",
        "wrong-option": "An option has a value that the network does not know, or stands where it cannot.",
        "unknown-network": "An account is on a network that socrbot does not know.",
        "same-account": "Two accounts use the same keys, so each post would go out twice.",
        "no-account": "The post is left out on every account, so it never goes out.",
        "cannot-thread": "The post has several parts, a network cannot join them, and no choice was made.",
        "past-time": "The time of the post is past.",
        "already-sent": "The post got a new time after its only one was used up.",
        "never": "The schedule ends before it begins, or has ended, so nothing goes out.",
        "time-skipped": "The clocks go forward over this time, so it does not exist.",
        "time-twice": "The clocks go back over this time, so it comes twice.",
        "quiet-hours": "The time is within the quiet hours, so the post goes out after them.",
    }
)


def all_codes() -> Mapping[str, str]:
    """Every code that a problem can have, with its line, sorted by code."""
    from socrbot.source.problems import CODES

    return dict(sorted({**CODES, **RENDERING, **RULES}.items()))
