"""The part of the stand-in of X that takes pictures and videos: in one piece, or in many."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.standins.server import Media, Reply, Request, Standin, route


@dataclass
class Upload:
    """A picture or video that waits for its post.

    `states` is what X will say of it, one after the other; the last stays. A video grows piece by piece until it is
    finalized; `total` is how long it is to become.
    """

    media: Media
    ends: datetime
    total: int = 0
    pieces: list[bytes] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        """Whether a post can show it."""
        return not self.states or self.states[0]["state"] == "succeeded"


def problem(status: int, kind: str, detail: str, **more: Any) -> Reply:
    """A refusal as X words it."""
    title = kind.replace("-", " ").title()
    where = f"https://api.x.com/2/problems/{kind}" if kind != "about:blank" else kind
    body = {"title": title, "detail": detail, "type": where, "status": status, **more}
    return Reply(status, body, {"Content-Type": "application/problem+json"})


class Uploads(Standin):
    """Keeps uploads for a day.

    processing    what it says of the next videos' state, one after the other; the last stays
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._ids = itertools.count(1_900_000_000_000_000_001)
        self._uploads: dict[str, Upload] = {}
        self.processing: list[dict[str, Any]] = [{"state": "succeeded", "progress_percent": 100}]

    def _upload(self, media_id: str) -> Upload | None:
        upload = self._uploads.get(media_id)
        return upload if upload and upload.ends > self.now() else None

    @route("POST", "/2/media/upload")
    def upload(self, request: Request) -> Reply:
        """Takes a picture in one piece."""
        fields = request.multipart()
        if set(fields) != {"media", "media_category"} or fields["media_category"].data != b"tweet_image":
            return problem(400, "invalid-request", "media and media_category are required, and nothing else.")
        data = fields["media"].data
        kinds = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
        kind = next((kind for start, kind in kinds.items() if data.startswith(start)), None)
        if len(data) > 5_000_000:
            return Reply(
                413, {"title": "Payload Too Large", "type": "about:blank", "status": 413, "detail": "too large"}
            )
        if kind is None:
            return problem(400, "invalid-request", "The media type is unrecognized.")
        media_id = str(next(self._ids))
        self._uploads[media_id] = Upload(Media(data, "", kind), self.now() + timedelta(hours=24))
        told = {"id": media_id, "media_key": f"3_{media_id}", "size": len(data), "expires_after_secs": 86_400}
        return Reply(200, {"data": {**told, "image": {"w": 1, "h": 1, "image_type": kind}}})

    @route("POST", "/2/media/upload/initialize")
    def initialize(self, request: Request) -> Reply:
        """Begins a video that comes in pieces."""
        body = request.json()
        if set(body) != {"media_type", "total_bytes", "media_category"} or body["media_category"] != "tweet_video":
            return problem(400, "invalid-request", "media_type, total_bytes and media_category are required.")
        media_id = str(next(self._ids))
        upload = Upload(Media(b"", "", body["media_type"]), self.now() + timedelta(hours=24), body["total_bytes"])
        upload.states = [{"state": "pending", "check_after_secs": 1}]
        self._uploads[media_id] = upload
        return Reply(200, {"data": {"id": media_id, "media_key": f"7_{media_id}", "expires_after_secs": 86_400}})

    @route("POST", "/2/media/upload/{media_id}/append")
    def append(self, request: Request, media_id: str) -> Reply:
        """Takes the next piece."""
        upload, fields = self._upload(media_id), request.multipart()
        if upload is None or set(fields) != {"segment_index", "media"}:
            return problem(400, "invalid-request", f"The media id {media_id} is invalid.")
        if int(fields["segment_index"].data) != len(upload.pieces) or len(fields["media"].data) > 5_000_000:
            return problem(400, "invalid-request", "The segments are not in order, or one is too large.")
        upload.pieces.append(fields["media"].data)
        return Reply(200, {"data": {"expires_at": int(upload.ends.timestamp())}})

    @route("POST", "/2/media/upload/{media_id}/finalize")
    def finalize(self, request: Request, media_id: str) -> Reply:
        """Puts the pieces together, and begins to work on them."""
        upload = self._upload(media_id)
        if upload is None or sum(map(len, upload.pieces)) != upload.total:
            return problem(400, "invalid-request", f"The media id {media_id} is invalid, or bytes are missing.")
        upload.media = Media(b"".join(upload.pieces), "", upload.media.mime)
        upload.states = list(self.processing)
        told = {"id": media_id, "media_key": f"7_{media_id}", "size": upload.total, "expires_after_secs": 86_400}
        return Reply(200, {"data": {**told, "processing_info": upload.states[0]}})

    @route("GET", "/2/media/upload")
    def status(self, request: Request) -> Reply:
        """How far it is with a video."""
        media_id = request.query.get("media_id", "")
        upload = self._upload(media_id)
        if upload is None or request.query.get("command") != "STATUS":
            return problem(400, "invalid-request", f"The media id {media_id} is invalid.")
        told = {"id": media_id, "media_key": f"7_{media_id}", "processing_info": upload.states[0]}
        upload.states = upload.states[1:] or upload.states
        return Reply(200, {"data": told})

    @route("POST", "/2/media/metadata")
    def describe(self, request: Request) -> Reply:
        """Gives a picture its alt text."""
        body = request.json()
        alt = body["metadata"]["alt_text"]["text"]
        upload = self._upload(body["id"])
        if upload is None:
            return problem(400, "invalid-request", f"The media id {body['id']} is invalid.")
        if len(alt) > 1_000:
            return problem(400, "invalid-request", "The alt text is longer than 1000 characters.")
        upload.media = Media(upload.media.data, alt, upload.media.mime)
        return Reply(200, {"data": {"id": body["id"], "associated_metadata": body["metadata"]}})

    def expire_uploads(self) -> None:
        """Forgets every picture that waits for its post."""
        with self.lock:
            self._uploads.clear()

    def finish_uploads(self) -> None:
        """X is through with every video."""
        with self.lock:
            for upload in self._uploads.values():
                upload.states = [{"state": "succeeded", "progress_percent": 100}] if upload.states else []
