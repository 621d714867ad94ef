"""The last look at a delivery, and what holds of all rules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from socrbot import rules
from socrbot.rendering import Renderer
from tests.rules.making import CAPABILITIES, campaign, context, fact, picture, post, situation

JARGON = re.compile(r"(?i:\b(leases?|digests?|guards?|intents?|tokens?|claims?|claimed|ledgers?|null)\b)|\bNone\b")


def test_what_is_in_order_may_go_out() -> None:
    """A post with fact, link and picture in order is not held."""
    whole = post("So many win: {{ fact('tribunal').figure }}.", link="petition", media=(picture(),))
    assert rules.look(situation(whole)) is None


def test_a_post_that_is_gone_is_held() -> None:
    """Without the post nothing can be looked at, so nothing goes out."""
    held = rules.look(replace(situation(post()), post=None))
    assert held is not None
    assert held.code == "post-not-found"


def test_a_message_that_cannot_be_made_is_held() -> None:
    """A text that cannot be rendered holds its delivery."""
    made = situation(post("{{ fact('nobody-knows-it') }}"))
    assert made.message is None
    held = rules.look(made)
    assert held is not None
    assert held.code == "cannot-render"


def test_a_look_that_fails_holds() -> None:
    """Whatever goes wrong inside a rule, the delivery is held, and the reason names the rule and no detail."""

    def broken(_: str) -> int:
        raise ZeroDivisionError("secret words")

    made = replace(situation(post()), capabilities=replace(CAPABILITIES["x"], measure=broken))
    held = rules.look(made)
    assert held is not None
    assert held.code == "cannot-decide"
    assert "too-long" in held.detail
    assert "secret" not in held.detail


@pytest.mark.parametrize("account", ["x", "outbox"])
def test_the_first_reason_is_always_the_same_one(account: str) -> None:
    """With several reasons the order of the rules decides, not chance."""
    bad = post("{{ fact('tribunal') }} " + "a" * 400, media=(replace(picture(), people=None, alt=""),))
    found = {rules.look(situation(bad, account=account, facts={"tribunal": fact(retired="Old.")})) for _ in range(3)}
    assert {held.code for held in found if held} == {"no-consent"}


def test_each_code_is_one_rule_with_a_reason() -> None:
    """Codes are words in kebab-case, none is used twice, and each rule says why it is there."""
    codes = [rule.code for rule in rules.RULES]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)
    assert all(rule.reason.endswith(".") for rule in rules.RULES)


def test_each_problem_is_of_a_known_code_and_told_once() -> None:
    """Four accounts with the same words give each problem of the words once."""
    whole = campaign(post("#saveourchildrensrights #SaveOurChildrensRights \u202e"))
    found = rules.check_post(whole.posts["law"], Renderer(whole), context(whole))
    assert len(found) == len(set(found)) == 3
    assert {problem.code for problem in found} <= {rule.code for rule in rules.RULES}


def test_a_campaign_is_checked_in_its_own_circumstances() -> None:
    """Circumstances of another campaign are refused, not silently used."""
    with pytest.raises(ValueError, match="another campaign"):
        rules.check_campaign(campaign(), context(campaign()))


def said() -> Iterator[str]:
    """Every text in the files of the rules that is no docstring."""
    for path in Path(rules.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text())
        silent = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
                yield node.value


def test_rules_speak_plainly() -> None:
    """No text of a rule uses the words of the program's inside."""
    spoken = [text for text in said() if " " in text]
    assert len(spoken) > 50
    assert not [text for text in spoken if JARGON.search(text)]
