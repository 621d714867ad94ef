"""Media: every file is there and can be used, has a description, and shows nobody without consent.

Not here: whether each network can carry it (`carrying.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from socrbot.campaign import Campaign, Media
from socrbot.errors import Problem, Severity
from socrbot.message import Capabilities
from socrbot.rules.base import Context, Held, Rule, Situation, Subject, network_title
from socrbot.rules.length import Overrun

_FILE_NAME = re.compile(r"\S*[\w)]\.(jpe?g|png|gif|webp|heic|bmp|tiff?|svg|mp4|mov)", re.IGNORECASE)
_CAMERA_NAME = re.compile(r"(img|dsc[fn]?|pxl|image|photo|picture|screenshot)?[\s_-]*[\d_-]+", re.IGNORECASE)
_NOT_LETTERS = re.compile(r"[\W_]+")

# What `media.inspect` says of a file that is not there.
_NO_SUCH_FILE = "There is no such file."
_SAY_WHAT_IT_SHOWS = "Say in one sentence what the picture shows, for people who cannot see it."


def check_alt_missing(subject: Subject, _: Context) -> Iterator[Problem]:
    """Pictures without a description."""
    post = subject.post
    for number, media in enumerate(post.media):
        if not media.alt.strip():
            yield ALT_MISSING.problem(
                post.place_of(f"media.{number}.alt"),
                f"{media.file} has no description (`alt`).",
                hint=_SAY_WHAT_IT_SHOWS,
                post=post.id,
            )


def check_alt_is_filename(subject: Subject, _: Context) -> Iterator[Problem]:
    """Descriptions that only repeat the name of a file."""
    post = subject.post
    for number, media in enumerate(post.media):
        if _is_filename(media):
            yield ALT_IS_FILENAME.problem(
                post.place_of(f"media.{number}.alt"),
                f"The description of {media.file} is only a file name: “{media.alt.strip()}”.",
                hint=_SAY_WHAT_IT_SHOWS,
                post=post.id,
            )


def check_alt_too_long(subject: Subject, context: Context) -> Iterator[Problem]:
    """Descriptions that are longer than a network takes."""
    post = subject.post
    if not post.media:
        return
    for network, capabilities in _networks_of(subject, context):
        limit = capabilities.alt_limit
        for number, media in enumerate(post.media):
            if limit and len(media.alt) > limit and _takes_alt(media, capabilities, context.campaign):
                over = Overrun(len(media.alt), limit, "characters", len)
                yield ALT_TOO_LONG.problem(
                    post.place_of(f"media.{number}.alt"),
                    f"On {network_title(network)} the description of {media.file} is {over}.",
                    hint="Say what matters in the picture first, and leave the rest out.",
                    post=post.id,
                )


def check_consent(subject: Subject, _: Context) -> Iterator[Problem]:
    """Pictures in which somebody may be recognised."""
    post = subject.post
    for number, media in enumerate(post.media):
        if media.people is not False:
            yield NO_CONSENT.problem(
                post.place_of(f"media.{number}.people"),
                _why_no_consent(media),
                hint="Say `people: no` if nobody in it can be recognised; otherwise take another picture.",
                post=post.id,
            )


def check_files(subject: Subject, context: Context) -> Iterator[Problem]:
    """Media files that are not there."""
    post = subject.post
    for number, media in enumerate(post.media):
        if _is_missing(media, context.campaign):
            yield MISSING.problem(
                post.place_of(f"media.{number}.file"),
                f"There is no file {media.file}.",
                hint="Paths start at the campaign's folder: media/card.png. Capitals matter.",
                post=post.id,
            )


def check_usable(subject: Subject, context: Context) -> Iterator[Problem]:
    """Media files that cannot be used, for a reason that was seen when they were opened."""
    post = subject.post
    for number, media in enumerate(post.media):
        problem = _why_unusable(media, context.campaign)
        if problem is not None:
            yield UNUSABLE.problem(
                post.place_of(f"media.{number}.file"),
                f"{media.file} cannot be used. {problem}",
                hint="Take another file, or save it again: pictures as JPEG or PNG, videos as MP4.",
                post=post.id,
            )


def guard_consent(situation: Situation) -> Held | None:
    """Holds pictures in which somebody may be recognised: there is no register of consent yet."""
    for media in situation.post.media if situation.post else ():
        if media.people is not False:
            return Held(NO_CONSENT.code, _why_no_consent(media))
    return None


def guard_alt(situation: Situation) -> Held | None:
    """Holds pictures without a description."""
    for media in situation.post.media if situation.post else ():
        if not media.alt.strip():
            return Held(ALT_MISSING.code, f"{media.file} has no description.")
    return None


def guard_files(situation: Situation) -> Held | None:
    """Holds posts whose pictures are not there."""
    pictures = situation.post.media if situation.post else ()
    for media in pictures:
        if _is_missing(media, situation.campaign):
            return Held(MISSING.code, f"There is no file {media.file}.")
    return None


def guard_usable(situation: Situation) -> Held | None:
    """Holds posts whose pictures cannot be used, or did not reach the finished post."""
    pictures = situation.post.media if situation.post else ()
    parts = situation.message.parts if situation.message else ()
    carried = {item.path for part in parts for item in part.media}
    for media in pictures:
        problem = _why_unusable(media, situation.campaign)
        if problem is None and media.file not in carried:
            problem = "It is missing from the finished post."
        if problem is not None:
            return Held(UNUSABLE.code, f"{media.file} cannot be used. {problem}")
    return None


def _networks_of(subject: Subject, context: Context) -> Iterator[tuple[str, Capabilities]]:
    """The networks that the post goes to, once each for what they can carry."""
    told = []
    for account in context.campaign.accounts_of(subject.post):
        capabilities = context.capabilities.get(account.id)
        if capabilities is not None and (account.network, capabilities) not in told:
            told.append((account.network, capabilities))
            yield account.network, capabilities


def _takes_alt(media: Media, capabilities: Capabilities, campaign: Campaign) -> bool:
    """Whether the network takes a description of it at all: some have none for videos."""
    asset, video = campaign.assets.get(media.file), capabilities.video
    return asset is None or video is None or video.alt or not asset.mime.startswith("video/")


def _is_missing(media: Media, campaign: Campaign) -> bool:
    asset = campaign.assets.get(media.file)
    return asset is None or asset.problem == _NO_SUCH_FILE


def _why_unusable(media: Media, campaign: Campaign) -> str | None:
    asset = campaign.assets.get(media.file)
    return None if asset is None or asset.problem == _NO_SUCH_FILE else asset.problem


def _is_filename(media: Media) -> bool:
    alt = media.alt.strip()
    if not alt:
        return False
    stem = media.file.rpartition("/")[2].rpartition(".")[0]
    return bool(_FILE_NAME.fullmatch(alt) or _CAMERA_NAME.fullmatch(alt)) or _letters(alt) == _letters(stem)


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text).casefold()


def _why_no_consent(media: Media) -> str:
    said = "shows people" if media.people else "may show people, since nothing is said of it"
    return f"{media.file} {said}, and consent cannot be recorded yet."


ALT_MISSING = Rule(
    code="alt-missing",
    severity=Severity.ERROR,
    reason="People who cannot see the picture must get what it says.",
    source="Web Content Accessibility Guidelines 2.2, success criterion 1.1.1.",
    check=check_alt_missing,
    guard=guard_alt,
)
ALT_IS_FILENAME = Rule(
    code="alt-is-filename",
    severity=Severity.ERROR,
    reason="The name of a file tells nobody what a picture shows.",
    source="Web Content Accessibility Guidelines 2.2, failure F30.",
    check=check_alt_is_filename,
)
ALT_TOO_LONG = Rule(
    code="alt-too-long",
    severity=Severity.ERROR,
    reason="A network refuses a post whose description is too long, or cuts it.",
    source="Each network's own documentation, named in its file under socrbot/networks/.",
    check=check_alt_too_long,
)
NO_CONSENT = Rule(
    code="no-consent",
    severity=Severity.ERROR,
    reason="A child's picture sent without consent does real harm, so silence counts as “somebody can be recognised”.",
    source="UK GDPR, article 6, and the Information Commissioner's guidance on taking photographs.",
    check=check_consent,
    guard=guard_consent,
)
MISSING = Rule(
    code="media-missing",
    severity=Severity.ERROR,
    reason="A post that was written for a picture must not go out without it.",
    check=check_files,
    guard=guard_files,
)
UNUSABLE = Rule(
    code="media-unusable",
    severity=Severity.ERROR,
    reason="A file that cannot be opened here would be refused by the network, too late to mend it.",
    check=check_usable,
    guard=guard_usable,
)
RULES = (MISSING, UNUSABLE, NO_CONSENT, ALT_MISSING, ALT_IS_FILENAME, ALT_TOO_LONG)
