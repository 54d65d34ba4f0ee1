"""What a rule is, and which one judges an act."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from oi_core.plugin_api import Verdict
from oi_forbidden.acts import NOTHING, Act, Verb, shown


class Category(StrEnum):
    """What a person fears, in the order of the list in a refusal."""

    FILES = "destroys files"
    DISKS = "destroys disks or boot"
    MACHINE = "stops or starves the machine"
    PRIVILEGES = "takes or changes privileges and accounts"
    PERSISTENCE = "persists itself"
    SECRETS = "reads secrets"
    NETWORK = "sends data out or opens a door"
    DOWNLOADS = "runs what it downloads"
    TRACES = "hides itself or clears traces"
    PROCESSES = "kills processes it did not start"
    PACKAGES = "changes packages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing people want to be asked about.

    ``says`` goes on after "line 3": ``deletes {target}``. An act is the rule's when its verb is among ``verbs``, its
    target among ``targets`` (any, when empty), its arguments match ``arguments``, it has all tags of ``needs``, one of
    ``some`` and none of ``without``. ``entry`` names the default forbidden command that says the same as a blocking
    rule: while a person has that entry taken out, the rule asks.

    ``matches`` and ``leaves`` are code this rule finds, and code it leaves alone: shell, or Python after ``>>> ``; each
    rule has both, and a test holds it to them.
    """

    name: str
    category: Category
    says: str
    verbs: tuple[Verb, ...] = (Verb.RUN,)
    targets: frozenset[str] = NOTHING
    arguments: str = ""
    needs: frozenset[str] = NOTHING
    some: frozenset[str] = NOTHING
    without: frozenset[str] = NOTHING
    verdict: Verdict = Verdict.ASK
    entry: str = ""
    matches: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()

    def judges(self, act: Act) -> bool:
        """Whether the act, of one of its verbs and targets, is the rule's."""
        tags = act.tags
        return (
            self.needs <= tags
            and (not self.some or not self.some.isdisjoint(tags))
            and self.without.isdisjoint(tags)
            and (not self.arguments or _pattern(self.arguments).search(act.arguments) is not None)
        )

    def sentence(self, act: Act) -> str:
        """Return what the act would do, in words."""
        return self.says.format(target=shown(act.target) or "…", arguments=shown(act.arguments))


@lru_cache(maxsize=1024)
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules by what they judge: the first that fits an act stands, so that special ones come before general ones."""

    rules: Sequence[Rule]
    _by_target: Mapping[tuple[Verb, str], Sequence[Rule]] = field(init=False)

    def __post_init__(self) -> None:
        """Index the rules.

        Raises:
            ValueError: two rules have one name, or one lacks examples (whether they are right, a test says).
        """
        index: defaultdict[tuple[Verb, str], list[tuple[int, Rule]]] = defaultdict(list)
        names: set[str] = set()
        for number, rule in enumerate(self.rules):
            if rule.name in names:
                raise ValueError(f"two rules are called {rule.name}")
            if not rule.matches or not rule.leaves:
                raise ValueError(
                    f"the rule {rule.name} has no example of what it {'leaves' if rule.matches else 'finds'}"
                )
            names.add(rule.name)
            for verb in rule.verbs:
                for target in rule.targets or ("",):
                    index[verb, target].append((number, rule))
        tried = {
            key: [rule for _, rule in sorted({*numbered, *index[key[0], ""]}, key=lambda pair: pair[0])]
            for key, numbered in list(index.items())
        }
        object.__setattr__(self, "_by_target", tried)

    def judge(self, act: Act) -> Rule | None:
        """Return the rule that judges the act, or None when there is nothing to ask about."""
        tried = self._by_target.get((act.verb, act.target)) or self._by_target.get((act.verb, ""), ())
        return next((rule for rule in tried if rule.judges(act)), None)
