"""Whether each network can carry the media of a post: how many, which videos, and where it fetches them.

Not here: whether the files are there, described and allowed to be shown (`media.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from socrbot.campaign import Account, Asset, Campaign, Media, Post
from socrbot.errors import Problem, Severity
from socrbot.message import Capabilities, VideoLimits
from socrbot.rules.base import Context, Held, Rule, Situation, Subject, network_title

# Why a network cannot carry a post, in a sentence; None where it can.
_Why = Callable[[Post, str, Capabilities, Campaign], str | None]

_LEAVE_OUT = "Take some out, or leave {network} out under `variants:` with `skip: yes`."
_NAME_A_PLACE = "Say under `media:` in config/campaign.yaml where pictures can be fetched; docs/operating.md has how."


def check_number(subject: Subject, context: Context) -> Iterator[Problem]:
    """More pictures than a network takes in one post."""
    post = subject.post
    for account, capabilities in _places(subject, context):
        too_many = _too_many(post, account.network, capabilities, context.campaign)
        if too_many is not None:
            yield TOO_MANY.problem(
                post.place_of("media"),
                too_many,
                hint=_LEAVE_OUT.format(network=account.network),
                post=post.id,
            )


def check_needs_media(subject: Subject, context: Context) -> Iterator[Problem]:
    """Posts without a picture on a network that takes none without."""
    post = subject.post
    for account in context.campaign.accounts_of(post):
        capabilities = context.capabilities.get(account.id)
        too_few = _too_few(post, account.network, capabilities) if capabilities is not None else None
        if too_few is not None:
            named = account.id in post.accounts
            yield NEEDS_MEDIA.problem(
                post.place_of("accounts" if named else "media"),
                too_few,
                hint=_how_to_mend(account, named=named),
                post=post.id,
            )


def check_videos(subject: Subject, context: Context) -> Iterator[Problem]:
    """Videos that a network does not take."""
    post = subject.post
    for account, capabilities in _places(subject, context):
        for number, why, instead in _wrong_videos(post, account.network, capabilities, context.campaign):
            leave_out = _how_to_leave_out(account, named=account.id in post.accounts)
            yield VIDEO.problem(
                post.place_of(f"media.{number}.file"),
                why,
                hint=f"{instead} Or {leave_out}" if instead else leave_out[0].upper() + leave_out[1:],
                post=post.id,
            )


def check_public_address(subject: Subject, context: Context) -> Iterator[Problem]:
    """Pictures for a network that fetches them, in a campaign that has no place from which they can be fetched."""
    post = subject.post
    for account, capabilities in _places(subject, context):
        why = _no_address(post, account.network, capabilities, context.campaign)
        if why is not None:
            yield NO_ADDRESS.problem(post.place_of("media"), why, hint=_NAME_A_PLACE, post=post.id)


def guard_number(situation: Situation) -> Held | None:
    """Holds posts with more pictures than the network takes."""
    return _held(TOO_MANY, situation, _too_many)


def guard_needs_media(situation: Situation) -> Held | None:
    """Holds posts without a picture on a network that takes none without."""
    post = situation.post
    too_few = _too_few(post, situation.delivery.network, situation.capabilities) if post else None
    return Held(NEEDS_MEDIA.code, too_few) if too_few else None


def guard_videos(situation: Situation) -> Held | None:
    """Holds posts with a video that the network does not take."""
    return _held(VIDEO, situation, _first_wrong_video)


def guard_public_address(situation: Situation) -> Held | None:
    """Holds posts with pictures that the network could not fetch."""
    return _held(NO_ADDRESS, situation, _no_address)


def _held(rule: Rule, situation: Situation, why: _Why) -> Held | None:
    if situation.post is None:
        return None
    said = why(situation.post, situation.delivery.network, situation.capabilities, situation.campaign)
    return Held(rule.code, said) if said else None


def _places(subject: Subject, context: Context) -> Iterator[tuple[Account, Capabilities]]:
    """One account of each network that the post goes to, for each difference in what they can carry.

    None where the post has no media.
    """
    if not subject.post.media:
        return
    told = []
    for account in context.campaign.accounts_of(subject.post):
        capabilities = context.capabilities.get(account.id)
        if capabilities is not None and (account.network, capabilities) not in told:
            told.append((account.network, capabilities))
            yield account, capabilities


def _is_video(media: Media, campaign: Campaign) -> bool:
    asset = campaign.assets.get(media.file)
    return asset is not None and asset.mime.startswith("video/")


def _too_many(post: Post, network: str, capabilities: Capabilities, campaign: Campaign) -> str | None:
    """Why the network cannot take so many, in a sentence; None where it can. Videos count where they may mix."""
    video = capabilities.video
    pictures = sum(not _is_video(media, campaign) for media in post.media)
    number = len(post.media) if pictures and video is not None and video.beside_images else pictures
    most, title = capabilities.max_images, network_title(network)
    if number <= most:
        return None
    if most == 0:
        return f"{title} takes no pictures."
    of = "picture" if most == 1 else "pictures"
    return f"{title} takes at most {most} {of} in a post, this one has {number}."


def _too_few(post: Post, network: str, capabilities: Capabilities) -> str | None:
    least, number = capabilities.min_media, len(post.media)
    if number >= least:
        return None
    if number == 0:
        return f"{network_title(network)} needs a picture, and this post has none."
    return f"{network_title(network)} needs at least {least} pictures, and this post has {number}."


def _how_to_mend(account: Account, *, named: bool) -> str:
    if named:
        return f"Add a picture under `media:`, or take {account.id} out of `accounts:`."
    return (
        f"Add a picture under `media:`. Or write `only_with_media: yes` for {account.id} in config/accounts.yaml: "
        "then posts without a picture leave it out."
    )


def _how_to_leave_out(account: Account, *, named: bool) -> str:
    if named:
        return f"take {account.id} out of `accounts:`."
    return f"write `skip: yes` under `variants:` and {account.network}: then the post does not go there."


def _wrong_videos(
    post: Post, network: str, capabilities: Capabilities, campaign: Campaign
) -> Iterator[tuple[int, str, str]]:
    """The videos of a post that a network does not take: their number in the post, why not, and what to do there.

    The last is empty where nothing but leaving the network out would help.
    """
    videos = [(number, media) for number, media in enumerate(post.media) if _is_video(media, campaign)]
    title, limits = network_title(network), capabilities.video
    for number, media in videos:
        if limits is None or "video/mp4" not in limits.types:
            yield number, f"{title} takes no videos from socrbot, and {media.file} is one.", ""
            continue
        why = _misfit(campaign.assets[media.file], limits)
        if why is not None:
            yield number, f"On {title} {media.file} {why}.", "Take another video."
    if limits is not None and videos:
        yield from _wrong_company(post, title, limits, [number for number, _ in videos])


def _misfit(asset: Asset, limits: VideoLimits) -> str | None:
    """What of a video is beyond the limits, as the end of a sentence."""
    shortest, longest = limits.seconds
    if asset.size > limits.max_bytes:
        return f"is too large: {asset.size / 1e6:.1f} MB of at most {limits.max_bytes / 1e6:.0f} MB"
    if asset.seconds is not None and asset.seconds > longest:
        return f"is too long: {asset.seconds:,.0f} seconds of at most {longest:,.0f}"
    if asset.seconds is not None and asset.seconds < shortest:
        return f"is too short: {asset.seconds:.1f} seconds of at least {shortest:g}"
    return None


def _wrong_company(
    post: Post, title: str, limits: VideoLimits, videos: Sequence[int]
) -> Iterator[tuple[int, str, str]]:
    if len(videos) > limits.max_videos:
        of = "video" if limits.max_videos == 1 else "videos"
        why = f"{title} takes at most {limits.max_videos} {of} in a post, this one has {len(videos)}."
        yield videos[0], why, "Take some out."
    if len(videos) < len(post.media) and not limits.beside_images:
        why = f"{title} takes either pictures or a video in a post, this one has both."
        yield videos[0], why, "Take the one or the other out."


def _first_wrong_video(post: Post, network: str, capabilities: Capabilities, campaign: Campaign) -> str | None:
    return next((why for _, why, _ in _wrong_videos(post, network, capabilities, campaign)), None)


def _no_address(post: Post, network: str, capabilities: Capabilities, campaign: Campaign) -> str | None:
    """Why a network that fetches its pictures could not; None where it could, or takes them from us."""
    if not post.media or not capabilities.public_media:
        return None
    title, place = network_title(network), campaign.public_media
    if place is None:
        return f"{title} fetches pictures from a public address, and this campaign has none."
    if place.url is None and any(_is_video(media, campaign) for media in post.media):
        return f"{title} fetches videos from a public address, and a Facebook page can only show pictures to it."
    return None


TOO_MANY = Rule(
    code="media-too-many",
    severity=Severity.ERROR,
    reason="Each network has its own greatest number of pictures in a post; none may be left out in silence.",
    source="Each network's own documentation, named in its file under socrbot/networks/.",
    check=check_number,
    guard=guard_number,
)
NEEDS_MEDIA = Rule(
    code="needs-picture",
    severity=Severity.ERROR,
    reason="Some networks are made for pictures and refuse a post without one.",
    source="Each network's own documentation, named in its file under socrbot/networks/.",
    check=check_needs_media,
    guard=guard_needs_media,
)
VIDEO = Rule(
    code="video-unsuitable",
    severity=Severity.ERROR,
    reason="A video is not changed to fit a network, so one that does not fit would be refused, too late to mend it.",
    source="Each network's own documentation, named in its file under socrbot/networks/.",
    check=check_videos,
    guard=guard_videos,
)
NO_ADDRESS = Rule(
    code="no-public-address",
    severity=Severity.ERROR,
    reason="Instagram and Threads take no picture from us: they fetch it, and can do so only from a public address.",
    source="Meta's documentation of content publishing for Instagram and Threads.",
    check=check_public_address,
    guard=guard_public_address,
)

RULES = (TOO_MANY, NEEDS_MEDIA, VIDEO, NO_ADDRESS)
