"""The media files of a campaign: what each of them is, and what of each may leave the machine."""

from __future__ import annotations

import hashlib
from pathlib import Path

from socrbot.campaign import Asset
from socrbot.errors import NotSent, Refused
from socrbot.media import pictures, video
from socrbot.media.encoding import encoded
from socrbot.media.files import MAX_BYTES, Unusable, is_video, name_of, read, stamp_of
from socrbot.media.fit import Limits
from socrbot.media.store import Store
from socrbot.message import Attachment, Capabilities, Rendition

_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}
# A video is the same for every network: what does not fit is a problem while the post is written.
_VIDEO_LIMITS = "video2"
# The widest picture on a link card. Larger ones are shown no better.
_CARD_WIDTH = 1_200


class Assets:
    """The media files below one campaign's folder. Looks into a file again only where its stamp has changed.

    `store` keeps what is made, and gives it again; without one everything is made anew.
    """

    def __init__(self, root: Path, store: Store | None = None) -> None:
        self._root = root
        self._store = store
        self._seen: dict[str, tuple[tuple[int, ...], Asset]] = {}

    def inspect(self, path: Path) -> Asset:
        """What `inspect` says of the file, from memory where the file is as it was."""
        path = self._root / path
        try:
            stamp = stamp_of(path)
        except (OSError, ValueError):
            return inspect(path, self._root)
        known = self._seen.get(str(path))
        if known is None or known[0] != stamp:
            known = (stamp, inspect(path, self._root))
            self._seen[str(path)] = known
        return known[1]

    def rendition(
        self, attachment: Attachment, capabilities: Capabilities, like: Attachment | None = None
    ) -> Rendition:
        """What may leave of an attachment's file: nothing but pixels and sound, in the form that the account takes.

        `like` is an attachment whose shape (width by height) this one gets. Same input, same bytes. Raises NotSent
        where the file is gone or no longer the one that was checked, Refused where it can't be made to fit.
        """
        data = self._checked(attachment)
        limits = Limits.of(capabilities, attachment, like)
        key = _VIDEO_LIMITS if is_video(data) else limits.key
        made = self._store.find(attachment.digest, key) if self._store else None
        if made is None:
            made = _make(data, attachment, limits)
            self._keep(attachment.digest, key, made)
        if is_video(data):
            _refuse_too_large(made, attachment, capabilities)
        return made

    def _checked(self, attachment: Attachment) -> bytes:
        """The file's bytes, where they are those that were checked."""
        path = self._root / attachment.path
        what = _what(attachment)
        try:
            data = read(path, self._root)
        except Unusable as unusable:
            self._seen.pop(str(path), None)
            raise NotSent(f"{what} could not be read. {unusable}") from None
        if hashlib.sha256(data).hexdigest() != attachment.digest:
            self._seen.pop(str(path), None)
            raise NotSent(f"{what} changed after it was checked. It has to be checked again.")
        return data

    def _keep(self, source: str, key: str, made: Rendition) -> None:
        if self._store is None:
            return
        try:
            self._store.keep(source, key, made)
        except OSError as error:
            # What went out must be there to be shown: so nothing goes out that cannot be kept.
            raise NotSent(f"The picture cannot be kept in the bot's folder: {error.strerror}.") from None


def inspect(path: Path, root: Path) -> Asset:
    """What a media file is: its format by its content, its size when upright, its length, the digest of the file.

    `path` is absolute or relative to `root`. Never raises: what keeps the file from being used is `Asset.problem`,
    in one or two sentences.
    """
    name = name_of(path, root)
    try:
        data = read(root / path, root)
        digest = hashlib.sha256(data).hexdigest()
        if is_video(data):
            seen = video.look(data)
            return Asset(name, video.MIME, len(data), seen.width, seen.height, digest, seconds=seen.seconds)
        mime, width, height = pictures.look(data)
    except Unusable as unusable:
        return Asset(name, problem=str(unusable))
    return Asset(name, mime, len(data), width, height, digest)


def card_picture(data: bytes, max_bytes: int) -> Rendition:
    """A picture from a web page as a JPEG for a link card: clean, of moderate size, and within `max_bytes`.

    Of one that moves, the first frame. Raises Refused where it is no picture, or cannot be made to fit.
    """
    limits = Limits(types=("image/jpeg",), max_bytes=max_bytes, width=(1, _CARD_WIDTH))
    try:
        if len(data) > MAX_BYTES:
            raise Unusable("It is too large.")
        return _picture(data, limits, moving=True)
    except Unusable as unusable:
        raise Refused(f"The picture of the linked page cannot be used. {unusable}") from None


def _make(data: bytes, attachment: Attachment, limits: Limits) -> Rendition:
    try:
        return _video(data) if is_video(data) else _picture(data, limits)
    except Unusable as unusable:
        raise Refused(f"{_what(attachment)} cannot be used. {unusable}") from None


def _picture(data: bytes, limits: Limits, *, moving: bool = False) -> Rendition:
    image = pictures.opened(data, moving=moving)
    made = encoded(pictures.pixels_of(image), pictures.mime_of(image), limits)
    result = pictures.opened(made)
    mime = pictures.mime_of(result)
    return Rendition(made, mime, *result.size, hashlib.sha256(made).hexdigest(), f"picture{_SUFFIXES[mime]}")


def _video(data: bytes) -> Rendition:
    made = video.cleaned(data)
    seen = video.look(made)
    digest = hashlib.sha256(made).hexdigest()
    return Rendition(made, video.MIME, seen.width, seen.height, digest, "video.mp4", seen.seconds)


def _refuse_too_large(made: Rendition, attachment: Attachment, capabilities: Capabilities) -> None:
    limits = capabilities.video
    if limits is None:
        raise Refused(f"{_what(attachment)} cannot be used. This network takes no videos.")
    if len(made.data) > limits.max_bytes:
        most = f"{limits.max_bytes / 1e6:.0f} MB"
        raise Refused(f"{_what(attachment)} has {len(made.data) / 1e6:.0f} MB. This network takes at most {most}.")


def _what(attachment: Attachment) -> str:
    kind = "video" if attachment.is_video else "picture"
    return f"The {kind} {Path(attachment.path).name}"
