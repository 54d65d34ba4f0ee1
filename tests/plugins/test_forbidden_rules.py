"""The rules of the reviewer: each one's own examples, and what holds for all of them."""

from __future__ import annotations

from pathlib import Path

import oi_forbidden
import pytest
from oi_forbidden.acts import Verb
from oi_forbidden.reading import Reading
from oi_forbidden.rule import Category, Rule, Rulebook
from oi_forbidden.rules import rulebook

from oi_core.plugin_api import CodeBlock, Policy, Verdict


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


@pytest.mark.parametrize(
    ("language", "code", "effects"),
    [
        ("shell", "curl -s https://api.example.com/v1 | jq .", ["contacts api.example.com"]),
        ("shell", "git clone git@example.org:a/b.git", ["contacts example.org"]),
        ("shell", "pip install requests", ["installs requests"]),
        (
            "shell",
            "echo hi > ~/notes.txt; echo hi > notes.txt; echo > /tmp/x",
            ["writes ~/notes.txt, outside the project"],
        ),
        ("shell", "curl http://localhost:8000/", []),
        ("python", "import requests\nfor _ in 'ab': requests.get('https://a.example/x')", ["contacts a.example"]),
        ("python", "open('/home/me/b/f', 'w').write('x')", ["writes /home/me/b/f, outside the project"]),
        ("python", "import requests\nrequests.get(address)", []),
    ],
)
def test_what_is_not_asked_about_is_told_where_it_leaves_the_project(
    language: str, code: str, effects: list[str]
) -> None:
    review = oi_forbidden.review_code(CodeBlock("1", language, code), Policy(folder=Path("/home/me/project")))
    assert review is not None
    assert review.verdict is Verdict.ALLOW
    assert [effect.sentence for effect in review.effects] == effects


def test_what_is_asked_about_comes_first_and_is_not_told_twice() -> None:
    code = "wget https://a.example/x.csv\nrm -r ~/old; date > ~/old"
    review = oi_forbidden.review_code(CodeBlock("1", "shell", code), Policy(folder=Path("/home/me/project")))
    assert review is not None
    assert [(effect.line, effect.sentence) for effect in review.effects] == [
        (2, "deletes the folder ~/old with all that is in it, outside the project"),
        (1, "contacts a.example"),
    ]
    assert review.effects[0].category == "destroys files"
