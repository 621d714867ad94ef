"""All rules over a whole campaign. Pure but for its memory: what has not changed is not checked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from socrbot import rules
from socrbot.campaign import Campaign, Once, Post
from socrbot.errors import Problem, Severity
from socrbot.message import Capabilities
from socrbot.rendering import Renderer


@dataclass(frozen=True, slots=True)
class Checked:
    """`problems` in the order of the files; `faulty` has the first error of each post that must not go out."""

    problems: tuple[Problem, ...]
    faulty: Mapping[str, Problem]
    renderer: Renderer


@dataclass(slots=True)
class Checker:
    """Checks campaigns one after the other, each as far as it differs from the one before.

    A post's result holds while the post, the configuration and the day stay the same.
    """

    capabilities: Mapping[str, Capabilities]
    _kept: dict[str, tuple[Post, tuple[Problem, ...]]] = field(default_factory=dict)
    _kept_for: tuple[str, date] | None = None
    _renderer: Renderer | None = None

    def check(
        self,
        campaign: Campaign,
        found: tuple[Problem, ...],
        faulty: Mapping[str, Problem],
        *,
        now: datetime,
        done: Callable[[str], bool] | None = None,
        since: datetime | None = None,
    ) -> Checked:
        """Runs the rules. `found` and `faulty` are what loading found.

        `done` says whether the ledger knows a post, `since` how long the ledger has been there (aware UTC).
        """
        context = rules.Context(campaign=campaign, capabilities=self.capabilities, now=now, done=done, since=since)
        renderer = self._renderer_for(campaign, now)
        problems = [*found, *rules.check_campaign(campaign, context)]
        bad = dict(faulty)
        kept: dict[str, tuple[Post, tuple[Problem, ...]]] = {}
        for post in campaign.posts.values():
            before = self._kept.get(post.id)
            # A time that is past by now was ahead a moment ago: such posts are looked at every time.
            if before is not None and before[0] is post and not _has_time(post):
                result = before[1]
            else:
                result = rules.check_post(post, renderer, context)
            kept[post.id] = (post, result)
            problems.extend(result)
            error = next((problem for problem in result if problem.severity is Severity.ERROR), None)
            if error is not None:
                bad.setdefault(post.id, error)
        self._kept = kept
        ordered = sorted(problems, key=lambda problem: problem.place)
        return Checked(tuple(ordered), bad, renderer)

    def _renderer_for(self, campaign: Campaign, now: datetime) -> Renderer:
        """A renderer for this campaign; what was kept is forgotten when the configuration or the day has changed."""
        key = (configuration_digest(campaign), now.astimezone(campaign.zone).date())
        if self._renderer is None or self._kept_for != key:
            self._kept, self._kept_for = {}, key
        self._renderer = Renderer(campaign)
        return self._renderer


def configuration_digest(campaign: Campaign) -> str:
    """Changes when anything under `config/` or a media file changes."""
    parts = (
        campaign.name,
        campaign.hashtag,
        campaign.zone.key,
        campaign.language,
        campaign.links,
        campaign.facts,
        campaign.accounts,
        campaign.slots,
        campaign.quiet_hours,
        campaign.spacing,
        campaign.grace,
        campaign.plan_ahead,
        campaign.assets,
    )
    return repr(parts)


def _has_time(post: Post) -> bool:
    return isinstance(post.schedule, Once)
