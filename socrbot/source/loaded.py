"""What a load gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from socrbot.campaign import Campaign
from socrbot.errors import Problem


@dataclass(frozen=True, slots=True)
class Loaded:
    """A campaign, or None where `config/` cannot be understood at all; and every problem, by place.

    `faulty` has the first error of each post that is left out of the campaign because of it, by the post's id.
    """

    campaign: Campaign | None
    problems: tuple[Problem, ...] = ()
    faulty: Mapping[str, Problem] = field(default_factory=lambda: MappingProxyType({}))
