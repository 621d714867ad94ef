"""All rules over a whole campaign. Pure but for its memory: what has not changed is not checked again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from socrbot import rules
from socrbot.campaign import Account, Campaign, Once, Post
from socrbot.clock import to_instant
from socrbot.errors import Problem, Severity
from socrbot.message import Capabilities
from socrbot.rendering import Renderer
from socrbot.rules.schedule import OVER
from socrbot.source import collector_paused


@dataclass(frozen=True, slots=True)
class Checked:
    """`problems` in the order of the files; `faulty` has the first error of each post that must not go out.

    `capabilities` is what each account can carry, by its id.
    """

    problems: tuple[Problem, ...]
    faulty: Mapping[str, Problem]
    renderer: Renderer
    capabilities: Mapping[str, Capabilities]


@dataclass(frozen=True, slots=True)
class _Result:
    """What the rules said of a post. It holds from `since` to before `until`, when a time of the post has come.

    `settled` is what had become of the post by then, as far as the ledger knew.
    """

    post: Post
    problems: tuple[Problem, ...]
    since: datetime
    until: datetime | None
    settled: object

    def holds(self, post: Post, history: rules.History | None, now: datetime) -> bool:
        """Whether the rules would say the same of this post now, on the same day under the same configuration."""
        ahead = self.until is None or now < self.until
        return self.post is post and self.since <= now and ahead and self._has_same_past(history)

    def _has_same_past(self, history: rules.History | None) -> bool:
        """Whether the ledger has no news of the post that matter: a time that is over is no problem once it has it."""
        if history is None:
            return True
        if history.settled.get(self.post.id) != self.settled:
            return False
        return self.post.id not in history.known or not any(one.code in OVER for one in self.problems)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a check gave, for which records, and until when: the next time of a post, or the end of the day."""

    checked: Checked
    context: rules.Context
    found: tuple[Problem, ...]
    faulty: Mapping[str, Problem]
    until: datetime | None

    def answers(self, context: rules.Context, found: tuple[Problem, ...], faulty: Mapping[str, Problem]) -> bool:
        """Whether the very same records are to be checked, with the same outcome."""
        before = self.context
        same = before.campaign is context.campaign and self.found is found and self.faulty is faulty
        ahead = before.now <= context.now and (self.until is None or context.now < self.until)
        return same and before.history is context.history and before.today == context.today and ahead


@dataclass(slots=True)
class Checker:
    """Checks campaigns one after the other, each as far as it differs from the one before.

    A post's result holds while the post, the configuration and the day stay the same. Where all problems are still
    the same, the same `Checked` comes back. `networks` are the names of all networks, `capable` says what accounts
    can carry, by their ids.
    """

    networks: Collection[str]
    capable: Callable[[Mapping[str, Account]], Mapping[str, Capabilities]]
    capabilities: Mapping[str, Capabilities] = field(default_factory=dict)
    _results: dict[str, _Result] = field(default_factory=dict)
    _made_for: tuple[Campaign, date, Mapping[str, Capabilities]] | None = None
    _renderer: Renderer | None = None
    _answer: _Answer | None = None

    def check(
        self,
        campaign: Campaign,
        found: tuple[Problem, ...],
        faulty: Mapping[str, Problem],
        *,
        now: datetime,
        history: rules.History | None = None,
    ) -> Checked:
        """Runs the rules. `found` and `faulty` are what loading found, `history` what the ledger knows of the past."""
        capabilities = self.capable(campaign.accounts)
        if capabilities != self.capabilities:
            self.capabilities, self._answer = capabilities, None
        context = rules.Context(
            campaign=campaign, capabilities=self.capabilities, now=now, history=history, networks=self.networks
        )
        if self._answer is None or not self._answer.answers(context, found, faulty):
            with collector_paused():
                checked = self._check(context, found, faulty)
            if self._answer is not None and checked == self._answer.checked:
                checked = self._answer.checked
            until = min((one.until for one in self._results.values() if one.until is not None), default=None)
            self._answer = _Answer(checked, context, found, faulty, until)
        return self._answer.checked

    def _check(self, context: rules.Context, found: tuple[Problem, ...], faulty: Mapping[str, Problem]) -> Checked:
        campaign = context.campaign
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
        return Checked(tuple(problems), bad, renderer, context.capabilities)

    def _result_of(self, post: Post, renderer: Renderer, context: rules.Context) -> _Result:
        before = self._results.get(post.id)
        if before is not None and before.holds(post, context.history, context.now):
            return before
        problems = rules.check_post(post, renderer, context)
        settled = None if context.history is None else context.history.settled.get(post.id)
        return _Result(post, problems, context.now, _next_time(post, context), settled)

    def _renderer_for(self, campaign: Campaign, today: date) -> Renderer:
        """A renderer for this campaign; what was kept is forgotten when the configuration or the day has changed."""
        empty = replace(campaign, posts={}, digest="", unreadable=(), config_unreadable=False)
        made_for = empty, today, self.capabilities
        if self._renderer is None or self._made_for != made_for:
            self._results, self._made_for, self._renderer = {}, made_for, Renderer(campaign)
        return self._renderer


def _next_time(post: Post, context: rules.Context) -> datetime | None:
    """When the next time of a dated post comes (aware UTC): from then on the rules may say something else of it."""
    if not isinstance(post.schedule, Once):
        return None
    coming = (to_instant(wall, context.campaign.zone)[0] for wall in post.schedule.walls)
    return min((instant for instant in coming if instant > context.now), default=None)
