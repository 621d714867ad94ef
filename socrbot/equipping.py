"""What each account's adapter gets to work with: its keys, its folder, its pictures, and a public place for them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from socrbot import networks
from socrbot.campaign import Account, Campaign
from socrbot.clock import Clock
from socrbot.hosting import PublicFolder
from socrbot.media import Assets, card_picture
from socrbot.message import Attachment, Rendition
from socrbot.networks.base import Equipment, Hosting
from socrbot.settings import Settings


@dataclass(frozen=True, slots=True)
class Equipping:
    """Makes equipment from the settings and the campaign. Makes no call to a network.

    given   the digest of what was made last, by account and the digest of the file that it was made from
    """

    settings: Settings
    clock: Clock
    assets: Assets
    given: dict[tuple[str, str], str] = field(default_factory=dict)

    def sent_as(self, account: str, attachment: Attachment) -> str | None:
        """The digest of the rendition that an account was given; None where this process has made none."""
        return self.given.get((account, attachment.digest))

    def equipment(self, account: Account, campaign: Campaign) -> Equipment:
        """The equipment of an account. Makes its folders (mode 700)."""
        own = self._own(account, campaign)
        needs_place = networks.capabilities_of(account, folder=own.folder).public_media
        return replace(own, hosting=self.hosting(campaign)) if needs_place else own

    def hosting(self, campaign: Campaign) -> Hosting | None:
        """The public place for pictures that `media:` in config/campaign.yaml names; None where there is none.

        What was left behind in a public folder is taken away.
        """
        place = public_folder(campaign, self.settings.root, self.clock)
        if place is not None:
            place.tidy()
            return place
        through = campaign.public_media.through if campaign.public_media else None
        account = campaign.accounts.get(through) if through else None
        if account is None or account.network not in networks.NETWORKS:
            return None
        if networks.missing(account.network, prefix=account.env, have=self.settings.env):
            return None
        return networks.hosting(account.network, self._own(account, campaign))

    def _own(self, account: Account, campaign: Campaign) -> Equipment:
        folder = networks.folder_of(account.id, self.settings.data)
        capable = networks.capabilities(account.network)
        names = [*capable.needs, *capable.optional]
        values = {name: self.settings.env.text(networks.variable(account.network, name, account.env)) for name in names}
        for each in (self.settings.data, folder.parent, folder):
            each.mkdir(mode=0o700, exist_ok=True)

        def media(attachment: Attachment, like: Attachment | None = None) -> Rendition:
            # Asked each time: what a server said last of its limits is in the account's folder.
            made = self.assets.rendition(attachment, networks.capabilities_of(account, folder=folder), like)
            self.given[account.id, attachment.digest] = made.digest
            return made

        return Equipment(
            account=account.id,
            env={name: value for name, value in values.items() if value},
            options={"time_zone": campaign.zone.key, **account.options},
            clock=self.clock,
            media=media,
            folder=folder,
            timeout=self.settings.timeout,
            card_picture=card_picture,
        )


def public_folder(campaign: Campaign, root: Path, clock: Clock) -> PublicFolder | None:
    """The public folder that `media:` in config/campaign.yaml names; None where it names none.

    A folder that is not absolute lies below `root`, the campaign's own.
    """
    public = campaign.public_media
    if public is None or public.url is None or public.folder is None:
        return None
    return PublicFolder(public.url, root / Path(public.folder).expanduser(), clock)
