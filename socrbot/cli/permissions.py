"""What the networks' own names of permissions mean, in plain words, for `doctor`, `connect` and `go-live`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

# As Meta and LinkedIn name them in their documentation. Any other name is plain already.
_MEANS: Mapping[str, str] = MappingProxyType(
    {
        "pages_manage_posts": "post",
        "pages_read_engagement": "read back",
        "pages_manage_engagement": "comment",
        "pages_read_user_content": "read comments",
        "threads_basic": "read back",
        "threads_content_publish": "post",
        "threads_manage_replies": "answer posts",
        "w_organization_social": "post",
        "r_organization_social": "read back",
        "w_member_social": "post",
        "r_organization_admin": "see its own role on the page",
    }
)


def granted(names: Iterable[str]) -> str:
    """What an account may do: "post, read back"."""
    return ", ".join(dict.fromkeys(_MEANS.get(name, name) for name in names))


def lacking(names: Iterable[str]) -> str:
    """What it may not do, with the name by which the network gives the permission: "post (pages_manage_posts)"."""
    return ", ".join(f"{_MEANS[name]} ({name})" if name in _MEANS else name for name in names)
