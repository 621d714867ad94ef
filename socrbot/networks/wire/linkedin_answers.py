"""Reads LinkedIn's answers: an organisation's posts, the comments below one, rights, numbers. Makes no changes.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api,
https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/comments-api,
https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/share-statistics
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from socrbot.errors import NotSent, Refused, Unauthorised
from socrbot.message import Finding, Identity, Metrics, Published, Receipt
from socrbot.networks.base import Intent
from socrbot.networks.shared.evidence import compare, nothing_public
from socrbot.networks.wire.linkedin import SITE, Client, address_of, comment_urn, encoded, version_warning
from socrbot.networks.wire.linkedin_body import said
from socrbot.networks.wire.linkedin_text import read

_PAGE, _MOST_PAGES = 50, 20
# A post's time is LinkedIn's, the start of a try is ours: ours may be an hour before theirs.
_CLOCKS_DIFFER = timedelta(minutes=75)
_ROLES = ("ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER")
_SCOPES = {
    "organization": ("w_organization_social", "r_organization_social"),
    "person": ("w_member_social",),
}


@dataclass(frozen=True, slots=True)
class Rights:
    """What the access allows, and until when (aware UTC; None: not known). Empty where nobody could be asked."""

    can: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    expires_at: datetime | None = None

    @classmethod
    def read(cls, answer: Mapping[str, Any], *, kind: str) -> Self:
        """From an answer about the access; `kind` is "organization" or "person". Raises Unauthorised for a dead one."""
        if not answer:
            return cls()
        if answer.get("active") is not True:
            raise Unauthorised(
                "LinkedIn no longer takes this account's access. Make it anew: socrbot connect linkedin."
            )
        granted = set(str(answer.get("scope") or "").replace(",", " ").split())
        needed = _SCOPES[kind]
        ends = answer.get("expires_at")
        return cls(
            can=tuple(name for name in needed if name in granted),
            lacks=tuple(name for name in needed if name not in granted),
            expires_at=datetime.fromtimestamp(ends, UTC) if isinstance(ends, int) and ends > 0 else None,
        )


def introduce(client: Client, author: str) -> Identity:
    """Who the access speaks for, whether it may post for the author, and until when. Raises Unauthorised if not."""
    kind = author.split(":")[2]
    rights = Rights.read(client.introspect(), kind=kind)
    if rights.expires_at is not None:
        client.access.learn(rights.expires_at)
    about = _person(client, author) if kind == "person" else _organisation(client, author)
    notes = (version_warning(client.version, client.equipment.clock.now()), client.access.trouble(), about.note)
    return replace(
        about,
        can=rights.can,
        lacks=(*rights.lacks, *about.lacks),
        expires_at=rights.expires_at or client.access.ends_at(),
        note=" ".join(note for note in notes if note) or None,
    )


def _person(client: Client, author: str) -> Identity:
    about = client.call("GET", "/v2/userinfo").object()
    if author != f"urn:li:person:{about.get('sub')}":
        whose = f"{about.get('name')} (urn:li:person:{about.get('sub')})"
        raise Unauthorised(f"The access belongs to {whose}, but LINKEDIN_AUTHOR_URN says {author}.")
    return Identity(author, str(about.get("name") or author))


def _organisation(client: Client, author: str) -> Identity:
    """Asks for the role first. Who may not see roles may still post: then that is said, and nothing else."""
    number = author.rpartition(":")[2]
    lacks: tuple[str, ...] = ()
    try:
        _check_role(client, author)
    except Unauthorised as refused:
        if refused.status != 403:
            raise
        lacks = ("r_organization_admin",)
    about: dict[str, Any] = {}
    with contextlib.suppress(Refused):
        about = _allowed(client, f"/rest/organizations/{number}")
    name = about.get("vanityName") or number
    return Identity(author, str(about.get("localizedName") or author), f"{SITE}/company/{name}/", lacks=lacks)


def _check_role(client: Client, organisation: str) -> None:
    path = "/rest/organizationAcls?q=roleAssignee&state=APPROVED&count=100"
    rows = _elements(client.call("GET", path, finder=True).object())
    # Older versions of the interface have another name for the organisation.
    own = [row for row in rows if organisation in (row.get("organization"), row.get("organizationalTarget"))]
    if not any(row.get("role") in _ROLES for row in own):
        who = f"The person whose access this is has no role that may post for {organisation}"
        raise Unauthorised(f"{who}. An administrator of the page gives it: content admin, or administrator.")


def _allowed(client: Client, path: str) -> dict[str, Any]:
    """What is there; an empty dict where the access does not allow to look."""
    try:
        return client.call("GET", path).object()
    except Unauthorised as refused:
        if refused.status != 403:
            raise
        return {}


def comment_receipt(root: str, comment: str) -> Receipt:
    """The receipt of a comment (its URN) below a post."""
    return Receipt(comment, f"{address_of(root)}?commentUrn={encoded(comment)}", {"root": root})


def root_of(receipt: Receipt) -> str:
    """The post that comments stand below."""
    return receipt.extra.get("root", receipt.id)


def compared(client: Client, author: str, *, intent: Intent) -> Finding:
    """Looks for a lost post among the organisation's, or for a lost comment below its post. Raises NetworkError."""
    since = intent.started_at - _CLOCKS_DIFFER
    with nothing_public():
        if intent.reply_to is not None:
            posts, complete = comments_since(client, author, root=root_of(intent.reply_to), since=since)
        else:
            posts, complete = posts_since(client, author, since=since)
    words, pictures, link = said(intent.payload)
    return compare(
        words,
        pictures,
        posts,
        complete=complete,
        where="LinkedIn",
        receipt=lambda post: Receipt(post.id, post.url, {"root": post.extra.get("root", post.id)}),
        differs=lambda post: None if post.extra.get("link") == link else "its card shows another link",
    )


def posts_since(client: Client, author: str, *, since: datetime) -> tuple[list[Published], bool]:
    """An organisation's posts since then, newest first, and whether that is all of them.

    LinkedIn sorts by the last change, so what was made since then stands before all that was not changed since then.
    Raises NotSent where the list cannot be read.
    """
    found: list[Published] = []
    for page in range(_MOST_PAGES):
        query = f"author={encoded(author)}&q=author&count={_PAGE}&start={page * _PAGE}&sortBy=LAST_MODIFIED"
        rows = _elements(client.call("GET", f"/rest/posts?{query}", finder=True).object())
        found += (post for post in _each(rows, _post) if post.created_at >= since)
        if len(rows) < _PAGE or all(_instant(row.get("lastModifiedAt")) < since for row in rows):
            return _newest_first(found), True
    return _newest_first(found), False


def comments_since(client: Client, author: str, *, root: str, since: datetime) -> tuple[list[Published], bool]:
    """The author's own comments below a post since then, newest first, and whether that is all of them."""
    found: list[Published] = []
    for page in range(_MOST_PAGES):
        path = f"/rest/socialActions/{encoded(root)}/comments?start={page * _PAGE}&count={_PAGE}"
        rows = _elements(client.call("GET", path).object())
        own = [row for row in rows if row.get("actor") == author]
        found += (post for post in _each(own, lambda row: _comment(row, root)) if post.created_at >= since)
        if len(rows) < _PAGE:
            return _newest_first(found), True
    return _newest_first(found), False


def numbers(client: Client, organisation: str, *, posts: Sequence[str]) -> dict[str, Metrics]:
    """How people took an organisation's posts, by their URNs. Those of which LinkedIn says nothing are left out."""
    found: dict[str, Metrics] = {}
    for kind, name in (("share", "shares"), ("ugcPost", "ugcPosts")):
        wanted = [urn for urn in posts if urn.startswith(f"urn:li:{kind}:")]
        if not wanted:
            continue
        which = f"{name}=List({','.join(map(encoded, wanted))})"
        path = f"/rest/organizationalEntityShareStatistics?q=organizationalEntity&{which}"
        answer = client.call("GET", f"{path}&organizationalEntity={encoded(organisation)}", finder=True)
        for row in _elements(answer.object()):
            if row.get(kind) in wanted:
                found[row[kind]] = _metrics(row.get("totalShareStatistics"))
    return found


def _metrics(counts: Any) -> Metrics:
    known = counts if isinstance(counts, dict) else {}
    return Metrics(
        likes=known.get("likeCount"),
        replies=known.get("commentCount"),
        shares=known.get("shareCount"),
        views=known.get("impressionCount"),
    )


def _elements(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = answer.get("elements")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise NotSent("LinkedIn's list could not be read.")
    return rows


def _each(rows: Sequence[Mapping[str, Any]], read_one: Callable[[Mapping[str, Any]], Published]) -> Iterator[Published]:
    try:
        for row in rows:
            if row.get("lifecycleState", "PUBLISHED") == "PUBLISHED":
                yield read_one(row)
    except (KeyError, TypeError, AttributeError):
        raise NotSent("LinkedIn's list could not be read.") from None


def _post(row: Mapping[str, Any]) -> Published:
    content = row.get("content") or {}
    images = (content.get("multiImage") or {}).get("images") or ()
    link = (content.get("article") or {}).get("source")
    return Published(
        id=str(row["id"]),
        text=read(row.get("commentary") or ""),
        created_at=_instant(row.get("publishedAt") or row["createdAt"]),
        url=address_of(str(row["id"])),
        media_count=len(images) + ("media" in content),
        extra={"link": link} if link else {},
    )


def _comment(row: Mapping[str, Any], root: str) -> Published:
    urn = str(row.get("commentUrn") or comment_urn(row.get("object") or root, str(row["id"])))
    text = (row.get("message") or {}).get("text") or ""
    receipt = comment_receipt(root, urn)
    return Published(urn, text, _instant(row["created"]["time"]), receipt.url, extra=receipt.extra)


def _instant(milliseconds: Any) -> datetime:
    """An instant (UTC) from milliseconds since 1970. Raises NotSent where it is none."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise NotSent("LinkedIn's list could not be read.") from None


def _newest_first(posts: list[Published]) -> list[Published]:
    return sorted(posts, key=lambda post: post.created_at, reverse=True)
