"""From a post to what it says on one account: text, hashtag, link, pictures. Pure.

renderer    puts a message together
templates   texts with `{{ fact('name') }}` and `{{ link('name') }}`: reads them once, fills them often
sandbox     what little else of Jinja2 a text may use, and the bounds that keep it small

Whether a message fits its network, or should go out at all, is not decided here.
"""

from __future__ import annotations

from socrbot.rendering.renderer import Rendered, Renderer

__all__ = ["Rendered", "Renderer"]
