"""The rules of the reviewer: each one's own examples, and what holds for all of them."""

from __future__ import annotations

import pytest
from oi_forbidden.acts import Verb
from oi_forbidden.reading import Reading
from oi_forbidden.rule import Category, Rule, Rulebook
from oi_forbidden.rules import rulebook


def rules_for(example: str) -> set[str]:
    """Return the names of the rules that judge an example's acts: shell, or Python after ``>>> ``."""
    reading = Reading("/home/me/project")
    if example.startswith(">>> "):
        reading.python(example.removeprefix(">>> "), 1, 0)
    else:
        reading.shell(example, 1, 0)
    judged = (rulebook().judge(act) for act in reading.acts.found)
    return {rule.name for rule in judged if rule is not None}


@pytest.mark.parametrize("rule", rulebook().rules, ids=lambda rule: rule.name)
def test_a_rule_finds_the_code_it_says_it_finds_and_leaves_the_rest(rule: Rule) -> None:
    assert [example for example in rule.matches if rule.name not in rules_for(example)] == []
    assert [example for example in rule.leaves if rule.name in rules_for(example)] == []


def test_every_category_has_rules() -> None:
    assert {rule.category for rule in rulebook().rules} == set(Category)


@pytest.mark.parametrize(("matches", "leaves"), [((), ("ls",)), (("rm a",), ())])
def test_a_rule_without_examples_is_refused_when_the_rules_load(
    matches: tuple[str, ...], leaves: tuple[str, ...]
) -> None:
    rule = Rule(
        name="bare", category=Category.FILES, says="deletes", verbs=(Verb.DELETE,), matches=matches, leaves=leaves
    )
    with pytest.raises(ValueError, match="bare has no example"):
        Rulebook((rule,))


def test_two_rules_of_one_name_are_refused() -> None:
    rule = rulebook().rules[0]
    with pytest.raises(ValueError, match="two rules"):
        Rulebook((rule, rule))
