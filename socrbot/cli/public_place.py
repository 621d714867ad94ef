"""The part of `doctor` about the public place for pictures: does its address answer as Instagram needs it?"""

from __future__ import annotations

from socrbot.app import App
from socrbot.campaign import Campaign
from socrbot.hosting import examine
from socrbot.rules.base import network_title

CANNOT_KNOW = "Whether Meta's own servers may reach it, only a post can show: a firewall may let you in and them not"


def finding(app: App) -> dict[str, object] | None:
    """What is to be said of the campaign's public place; None where it has none and needs none.

    Shows a small picture there for a moment, and fetches it.
    """
    snapshot = app.snapshot()
    campaign = snapshot.campaign
    needing = [name for name, capable in snapshot.capabilities.items() if capable.public_media]
    if campaign.public_media is None:
        return {"well": True, "says": _without(campaign, needing)} if needing else None
    place = app.equipping.hosting(campaign)
    if place is None:
        through = campaign.public_media.through
        return {"well": False, "says": f"NOT WORKING: the account {through} is not connected, or shows no pictures"}
    # Loaded where something is to be fetched, for it is large.
    from socrbot.http import Session

    with Session(timeout=app.settings.timeout, redact=app.redact) as session:
        wrong = examine(place, session, same_bytes=campaign.public_media.url is not None)
    if wrong:
        return {"well": False, "says": "NOT WORKING: " + " ".join(map(app.redact, wrong))}
    where = campaign.public_media.url or f"the account {campaign.public_media.through} (experimental)"
    return {"well": True, "says": f"work, at {where}. {CANNOT_KNOW}"}


def _without(campaign: Campaign, needing: list[str]) -> str:
    titles = ", ".join(sorted({network_title(campaign.accounts[name].network) for name in needing}))
    return f"no place. {titles} can show no pictures until config/campaign.yaml has `media:`"
