"""What a message costs, by the campaign's own price list, and the calendar month over which a budget counts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from socrbot.clock import to_instant, to_wall
from socrbot.message import Capabilities, Message, Part, Prices, SpanKind
from socrbot.text import x_links


def cost_of(message: Message, capabilities: Capabilities, prices: Mapping[str, float]) -> float:
    """What the network charges for the whole message, in US dollars; nothing where it is free or no price is known."""
    return sum(cost_of_part(part, capabilities.price, prices) or 0.0 for part in message.parts)


def cost_of_part(part: Part, names: Prices | None, prices: Mapping[str, float]) -> float | None:
    """What the network charges for one part, in US dollars; None where it is free.

    A bare address (example.org) counts as a link, as X takes it for one.
    """
    if names is None:
        return None
    described = sum(bool(item.alt) and not item.is_video for item in part.media)
    spelt_out = any(span.kind is SpanKind.LINK for span in part.spans)
    linked = bool(part.link) or spelt_out or any(True for _ in x_links(part.text))
    post = prices.get(names.with_link if linked else names.post, 0.0)
    return post + described * (prices.get(names.alt_text, 0.0) if names.alt_text else 0.0)


def month_of(now: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) of the calendar month that it is in this zone."""
    first = to_wall(now, zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return to_instant(first, zone)[0]
