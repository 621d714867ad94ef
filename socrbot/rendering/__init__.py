"""From a post to what it says on one account: texts, hashtag, link, pictures. Pure.

renderer    puts a message together
layout      which texts become which parts: a thread, one text, the first part and comments
fitting     whether a text fits a network
tracking    what is put behind the campaign's own addresses
templates   texts with `{{ fact('name') }}` and `{{ link('name') }}`: reads them once, fills them often
sandbox     what little else of Jinja2 a text may use, and the bounds that keep it small

Whether a message should go out at all is not decided here.
"""

from __future__ import annotations

from socrbot.rendering.renderer import Rendered, Renderer

__all__ = ["Rendered", "Renderer"]
