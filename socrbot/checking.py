"""All rules over a whole campaign. Pure but for its memory: what has not changed is not checked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from socrbot import rules
from socrbot.campaign import Campaign, Once, Post
from socrbot.clock import to_instant
from socrbot.errors import Problem, Severity
from socrbot.message import Capabilities
from socrbot.rendering import Renderer
from socrbot.rules.schedule import PAST


@dataclass(frozen=True, slots=True)
class Checked:
    """`problems` in the order of the files; `faulty` has the first error of each post that must not go out."""

    problems: tuple[Problem, ...]
    faulty: Mapping[str, Problem]
    renderer: Renderer


@dataclass(frozen=True, slots=True)
class _Result:
    """What the rules said of a post. It holds from `since` to before `until`, when a time of the post has come."""

    post: Post
    problems: tuple[Problem, ...]
    since: datetime
    until: datetime | None

    def holds(self, post: Post, now: datetime) -> bool:
        """Whether the rules would say the same of this post now, on the same day under the same configuration."""
        return self.post is post and self.since <= now and (self.until is None or now < self.until)


@dataclass(slots=True)
class Checker:
    """Checks campaigns one after the other, each as far as it differs from the one before.

    A post's result holds while the post, the configuration and the day stay the same. Where all problems are still
    the same, the same `Checked` comes back.
    """

    capabilities: Mapping[str, Capabilities]
    _results: dict[str, _Result] = field(default_factory=dict)
    _made_for: tuple[Campaign, date] | None = None
    _renderer: Renderer | None = None
    _checked: Checked | None = None

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
        renderer = self._renderer_for(campaign, context.today)
        problems = [*found, *rules.check_campaign(campaign, context)]
        bad = dict(faulty)
        results = {post.id: self._result_of(post, renderer, context) for post in campaign.posts.values()}
        for post, result in results.items():
            if result.problems:
                problems.extend(result.problems)
                error = next((one for one in result.problems if one.severity is Severity.ERROR), None)
                if error is not None:
                    bad.setdefault(post, error)
        self._results = results
        problems.sort(key=lambda problem: problem.place)
        return self._same_or(Checked(tuple(problems), bad, renderer))

    def _result_of(self, post: Post, renderer: Renderer, context: rules.Context) -> _Result:
        before = self._results.get(post.id)
        if before is not None and before.holds(post, context.now):
            return before
        problems = rules.check_post(post, renderer, context)
        return _Result(post, problems, context.now, _next_change(post, problems, context))

    def _same_or(self, checked: Checked) -> Checked:
        if checked != self._checked:
            self._checked = checked
        return self._checked or checked

    def _renderer_for(self, campaign: Campaign, today: date) -> Renderer:
        """A renderer for this campaign; what was kept is forgotten when the configuration or the day has changed."""
        made_for = replace(campaign, posts={}, digest="", unreadable=(), config_unreadable=False), today
        if self._renderer is None or self._made_for != made_for:
            self._results, self._made_for, self._renderer = {}, made_for, Renderer(campaign)
        return self._renderer


def _next_change(post: Post, problems: tuple[Problem, ...], context: rules.Context) -> datetime | None:
    """From when the rules may say something else of the post, on the same day (aware UTC); None: not before tomorrow.

    A time that passes becomes a problem, unless the ledger has it by then. Such a problem goes as soon as it has.
    """
    if not isinstance(post.schedule, Once):
        return None
    if any(problem.code == PAST.code for problem in problems):
        return context.now
    coming = (to_instant(wall, context.campaign.zone)[0] for wall in post.schedule.walls)
    return min((instant for instant in coming if instant > context.now), default=None)
