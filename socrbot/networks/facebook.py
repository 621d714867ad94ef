"""Posts on a Facebook Page: text, link, and pictures, through facebook-sdk.

Pictures are uploaded unpublished first, so that one call makes the post. Facebook takes no key for a post: after a
lost answer the Page's own posts are read back and compared. Not here: the client and its errors (`wire/graph.py`,
`wire/graph_errors.py`), the reading of Facebook's answers (`facebook_answers.py`).

Pages: https://developers.facebook.com/docs/pages-api/posts
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import (
    Absent,
    Attachment,
    CannotTell,
    Capabilities,
    Finding,
    Found,
    Identity,
    Message,
    Part,
    Published,
    Receipt,
)
from socrbot.networks.base import Equipment, Intent, Payload, Steps
from socrbot.networks.evidence import nothing_public
from socrbot.networks.facebook_answers import Rights, posts_since, same_words
from socrbot.text import utf16_units

if TYPE_CHECKING:
    from socrbot.networks.wire.graph import Graph

# Facebook does not say in what it counts; this is the stricter reading.
CAPABILITIES = Capabilities(
    text_limit=63_206,
    measure=utf16_units,
    max_images=10,
    image_types=("image/jpeg", "image/png", "image/gif"),
    image_bytes=10_000_000,
    link_field=True,
    # A list that may be ranked, or late, is weak evidence of absence.
    settle=timedelta(minutes=5),
    looks=2,
    needs={
        "FB_PAGE_ID": "the Page's number",
        "FB_PAGE_ACCESS_TOKEN": "the Page's access token, made by a person who may post on the Page",
    },
    optional={
        "FB_APP_ID": "the app's number; with the app's secret socrbot can tell when the access ends",
        "FB_APP_SECRET": "the app's secret",
        "FB_GRAPH_VERSION": "the version of Facebook's interface, v25.0 where it is not set",
        "FB_GRAPH_BASE": "another address than Facebook's, for tests",
    },
    docs="https://developers.facebook.com/docs/pages-api/posts",
)

# Facebook removes a picture that no post uses after about a day.
_PHOTO_LIVES = timedelta(hours=20)
# A post's time is Facebook's, the start of a try is ours: the two clocks may differ by this much.
_CLOCKS_DIFFER = timedelta(minutes=15)
# Codes (with subcode) of an object that is not there, or not there any more.
_GONE = frozenset({"100/33", "803"})


class Facebook:
    """One Facebook Page."""

    name = "facebook"
    capabilities = CAPABILITIES

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._page = equipment.env.get("FB_PAGE_ID", "")
        self._app = (equipment.env.get("FB_APP_ID", ""), equipment.env.get("FB_APP_SECRET", ""))

    @cached_property
    def _graph(self) -> Graph:
        from socrbot.networks.wire.graph import connect

        return connect(self._equipment)

    def verify(self) -> Identity:
        """The Page whose key we have. With the app's number and secret also what the key allows, and until when."""
        with nothing_public():
            me = self._graph.get_object("me", fields="id,name")
            warning = self._graph.warning()
            rights = self._rights() if all(self._app) else Rights()
        if str(me.get("id")) != self._page:
            wrong = f"the key belongs to {me.get('name')} ({me.get('id')}), but FB_PAGE_ID says {self._page}"
            raise Unauthorised(f"This is not the Page's own key: {wrong}.")
        return Identity(
            id=self._page,
            name=str(me.get("name") or self._page),
            url=f"https://www.facebook.com/{self._page}",
            can=rights.can,
            lacks=rights.lacks,
            expires_at=rights.expires_at,
            note=rights.note or warning,
        )

    def _rights(self) -> Rights:
        answer = self._graph.debug_access_token(self._graph.access_token, *self._app)
        return Rights.read(answer, page=self._page)

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        """Uploads the pictures, unpublished. The payload has the form of the publishing call, field by field."""
        form = {"message": part.text} | ({"link": part.link} if part.link else {})
        with nothing_public():
            for index, picture in enumerate(part.media):
                photo = self._photo(picture, index, steps)
                form[f"attached_media[{index}]"] = json.dumps({"media_fbid": photo})
        return {"page": self._page, "form": form}

    def _photo(self, picture: Attachment, index: int, steps: Steps) -> str:
        """The id of the picture, uploaded now or at an earlier try."""
        step = f"photo-{index}-{hashlib.sha256(f'{picture.digest} {picture.alt}'.encode()).hexdigest()[:16]}"
        kept = steps.get(step)
        if kept is not None:
            return kept
        shown = self._equipment.media(picture)
        form = {"published": "false"} | ({"alt_text_custom": picture.alt} if picture.alt else {})
        file = (shown.name, shown.data, shown.mime)
        photo = self._graph.put_photo(file, f"{self._page}/photos", **form).get("id")
        if not photo:
            raise NotSent("Facebook took a picture and did not say under which number.")
        steps.keep(step, str(photo), expires_at=self._equipment.clock.now() + _PHOTO_LIVES)
        return str(photo)

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:  # noqa: ARG002
        """One POST to the Page's feed."""
        if reply_to is not None:
            raise Refused("A post on a Facebook Page cannot answer another one.")
        post = self._graph.put_object(payload["page"], "feed", **_form(payload)).get("id")
        if not post:
            raise OutcomeUnknown("Facebook answered without the number of the post.")
        return _receipt(str(post))

    def find(self, intent: Intent) -> Finding:
        """Compares words and number of pictures with the Page's posts since just before the try."""
        form = _form(intent.payload)
        words, photos = form.get("message", ""), sum(name.startswith("attached_media") for name in form)
        try:
            posts, complete = self._posts(intent.started_at - _CLOCKS_DIFFER)
        except NetworkError as error:
            return CannotTell(str(error), error.retry_at if isinstance(error, NotSent) else None)
        alike = [post for post in posts if same_words(post.text, words)]
        for post in alike:
            if post.media_count == photos:
                evidence = f"The Page shows a post with the same words, of {post.created_at:%H:%M} UTC."
                return Found(_receipt(post.id, post.url), evidence)
        if alike and words:
            return CannotTell("The Page shows a post with the same words and other pictures. Please look.")
        if not complete:
            return CannotTell("The Page has too many posts since then to look through them all.")
        return Absent(f"The Page does not show it among its {len(posts)} posts since then.")

    def recent(self, since: datetime) -> list[Published]:
        """The Page's posts since then, newest first."""
        return self._posts(since)[0]

    def _posts(self, since: datetime) -> tuple[list[Published], bool]:
        with nothing_public():
            return posts_since(self._graph, self._page, since)

    def delete(self, receipt: Receipt) -> None:
        """Deletes the post; its pictures go with it."""
        try:
            answer = self._graph.delete_object(receipt.id)
        except Refused as refused:
            if refused.code not in _GONE:
                raise
            return
        if answer.get("success") is not True:
            raise OutcomeUnknown("Facebook did not say that the post is deleted.")


def _form(payload: Payload) -> dict[str, str]:
    """The fields of the publishing call."""
    form: Any = payload["form"]
    return {str(name): str(value) for name, value in form.items()}


def _receipt(post: str, url: str | None = None) -> Receipt:
    return Receipt(id=post, url=url or f"https://www.facebook.com/{post}")
