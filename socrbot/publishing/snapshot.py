"""The campaign as one pass of the bot sees it: loaded, checked, ready to be rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from socrbot import rules
from socrbot.campaign import Campaign
from socrbot.delivery import Delivery
from socrbot.errors import Problem
from socrbot.message import Capabilities, Message
from socrbot.rendering import Renderer
from socrbot.rules import Held, Situation


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`faulty` has the first error of each post that must not go out; `problems` are all of them.

    `capabilities` is what each account can carry, by its id.
    """

    campaign: Campaign
    problems: tuple[Problem, ...]
    faulty: Mapping[str, Problem]
    renderer: Renderer
    capabilities: Mapping[str, Capabilities]

    def message(self, delivery: Delivery) -> Message | None:
        """What the delivery says now, or None where the files no longer give it."""
        post = self.campaign.posts.get(delivery.post)
        account = self.campaign.accounts.get(delivery.account)
        if post is None or account is None or account.id not in self.capabilities:
            return None
        return self.renderer.render(post, account, self.capabilities[account.id]).message

    def guard(self, delivery: Delivery, message: Message | None, *, now: datetime) -> Held | None:
        """Why the delivery must not go out now, as far as the files can tell; None where nothing stands against it."""
        if self.campaign.config_unreadable:
            return Held("config-unreadable", "A file under config/ cannot be read, so nothing goes out.")
        if delivery.path in self.campaign.unreadable:
            return Held("file-unreadable", f"{delivery.path} cannot be read.")
        if (problem := self.faulty.get(delivery.post)) is not None:
            return Held("post-has-error", f"{problem.place}: {problem.message}")
        capabilities = self.capabilities.get(delivery.account)
        if capabilities is None:
            return Held("network-unknown", f"There is no network called {delivery.network}.")
        return rules.look(
            Situation(
                delivery=delivery,
                post=self.campaign.posts.get(delivery.post),
                message=message,
                campaign=self.campaign,
                capabilities=capabilities,
                now=now,
            )
        )
