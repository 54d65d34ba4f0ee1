"""The plugins of a session: loaded, kept apart from each other, and called through one typed method for each hook."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Self

import pluggy

from oi_core import hookspecs
from oi_core.commands import Command
from oi_core.errors import ConfigError
from oi_core.events import Event, Level, Notice
from oi_core.executors import LOCAL_LAUNCHER, Language, Launcher
from oi_core.model import ModelProvider
from oi_core.plugin_manager.contributions import (
    Contribution,
    Junk,
    accepted,
    merged,
    paragraph_from,
    review_from,
    settings_from,
    without_clashing_aliases,
)
from oi_core.plugin_manager.hook_checks import HookManager, hooks_of, refusal
from oi_core.plugin_manager.installed import PluginRecord, PluginStatus, broken, described, import_plugins
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.review import REVIEW_SECONDS, Policy, Review, Verdict, strictest
from oi_core.settings import ESSENTIAL_PLUGIN, NoSettings, UnreadSettings
from oi_core.timed_calls import TimedCalls

if TYPE_CHECKING:
    from oi_core.messages import CodeBlock
    from oi_core.settings import Config

__all__ = ["PluginRecord", "PluginStatus", "Plugins"]

CORE = "the interpreter itself"


class Plugins:
    """Every plugin of a session.

    A plugin that does something wrong is named in a notice, once, and the others go on; only reviewing fails closed.
    """

    def __init__(self) -> None:
        self._manager = HookManager(hookspecs.PROJECT_NAME)
        self._manager.add_hookspecs(hookspecs)
        self._records: list[PluginRecord] = []
        self._settings: dict[str, type] = {}
        self._notices: list[Notice] = []
        self._told: list[Notice] = []
        self._told_no_more: set[str] = set()
        self._observers: list[pluggy.HookImpl] = []
        self._needs_essential = False
        self._reviewing: TimedCalls[pluggy.HookImpl, Review | None] = TimedCalls()

    @classmethod
    def load(cls, disabled: Collection[str] = (), *, ours_only: bool = False) -> Self:
        """Import and register every installed plugin but the ``disabled`` ones, which are not even imported.

        ``ours_only`` leaves out those that did not come with the interpreter. Does not raise: what is wrong with a
        plugin stands in its record and in a notice.
        """
        plugins = cls()
        plugins._needs_essential = ESSENTIAL_PLUGIN not in disabled
        for imported in import_plugins(disabled, ours_only=ours_only):
            plugins._add(imported.record, imported.plugin)
        if not plugins._needs_essential:
            plugins._notices.append(Notice(f"{ESSENTIAL_PLUGIN} is off: its list blocks nothing", Level.WARNING))
        elif plugins._essential_problem():
            plugins._notices.append(Notice(plugins._essential_problem(), Level.ERROR))
        return plugins

    @property
    def records(self) -> Sequence[PluginRecord]:
        """What is known of each installed plugin, sorted by name."""
        return sorted(self._records, key=lambda record: (record.name, record.distribution))

    def register(self, plugin: object, name: str) -> None:
        """Add a plugin that is not installed: a module or an object with hook implementations.

        Raises:
            ConfigError: the name is taken, or the plugin cannot be used; says why.
        """
        if any(record.name == name for record in self._records):
            raise ConfigError(f'there is a plugin "{name}" already', "register it under another name")
        self._add(PluginRecord(name), plugin)
        record = self._records[-1]
        if record.status is PluginStatus.BROKEN:
            self._notices.pop()  # raised instead
            raise ConfigError(f'the plugin "{name}" cannot be used: {record.reason}')

    def take_notices(self) -> list[Notice]:
        """Return what there is to tell the person since the last call."""
        notices, self._notices = self._notices, []
        return notices

    def settings_types(self) -> dict[str, type]:
        """Return the settings of every installed plugin by name, as a dataclass.

        ``NoSettings`` for a plugin that has none, ``UnreadSettings`` for one that takes no part.
        """
        for record in self.records:
            if record.name not in self._settings:
                self._settings[record.name] = self._declared_settings(record)
        return dict(self._settings)

    def languages(self, config: Config) -> dict[str, Language]:
        """Return the languages of all plugins by name.

        Raises:
            ConfigError: two plugins provide one name.
        """
        languages = merged(self.provided("provide_languages", Language, config), Language, self._title)
        kept, twice = without_clashing_aliases(languages)
        if twice:
            text = f"{', '.join(twice)} could mean more than one language, so it means none: use the languages' names"
            self._tell(Notice(text, Level.WARNING))
        return kept

    def models(self, config: Config) -> dict[str, ModelProvider]:
        """Return the model providers of all plugins by prefix.

        Raises:
            ConfigError: two plugins provide one prefix.
        """
        return merged(self.provided("provide_models", ModelProvider, config), ModelProvider, self._title)

    def launchers(self, config: Config) -> dict[str, Launcher]:
        """Return the launchers of all plugins by name, and ``local``, which is always there.

        Raises:
            ConfigError: two plugins provide one name, or one provides ``local``.
        """
        provided = self.provided("provide_launchers", Launcher, config)
        return merged({CORE: [LOCAL_LAUNCHER], **provided}, Launcher, self._title)

    def commands(self, config: Config) -> dict[str, Command]:
        """Return the slash commands of all plugins by name.

        Raises:
            ConfigError: two plugins provide one name.
        """
        return merged(self.provided("provide_commands", Command, config), Command, self._title)

    def review(self, block: CodeBlock, policy: Policy) -> Review:
        """Return the strictest opinion of all reviewers.

        One that raises or returns junk blocks, and is named; for one that takes too long the person is asked.
        """
        problem = self._essential_problem()
        if problem:
            return Review(Verdict.BLOCK, problem, ESSENTIAL_PLUGIN)
        arguments = {"block": block, "policy": policy}
        calls = {i: partial(self._opinion, i, arguments) for i in self._implementations("review_code")}
        opinions = self._reviewing.answers(calls, REVIEW_SECONDS)
        late = [self._late(i.plugin_name) for i in calls if i not in opinions]
        return strictest([*(opinion for opinion in opinions.values() if opinion is not None), *late])

    def system_message(self, config: Config) -> str:
        """Return the paragraphs that plugins add to the instructions, joined in the order of the plugins' names."""
        paragraphs: list[str] = []
        for implementation in self._implementations("extend_system_message"):
            with self._guard("extend_system_message", implementation):
                paragraphs.append(paragraph_from(_call(implementation, {"config": config})))
        return "\n\n".join(filter(None, paragraphs))

    def observe(self, event: Event) -> None:
        """Tell every plugin that observes; one that raises is told no more."""
        for implementation in self._observers:
            if implementation.plugin_name not in self._told_no_more:
                self._told_no_more.add(implementation.plugin_name)
                with self._guard("observe_event", implementation):
                    _call(implementation, {"event": event})
                    self._told_no_more.discard(implementation.plugin_name)

    def _add(self, record: PluginRecord, plugin: object | None) -> None:
        if plugin is not None:
            problem = refusal(self._manager, plugin)
            record = broken(record, problem.error, problem.text) if problem else self._registered(record, plugin)
        self._records.append(record)
        if record.status is PluginStatus.BROKEN:
            self._tell(_notice(record, f"is off: {record.reason}"))

    def _registered(self, record: PluginRecord, plugin: object) -> PluginRecord:
        try:
            self._manager.register(plugin, record.name)
        except pluggy.PluginValidationError as error:  # its text has lines, and the last one is what matters
            return broken(record, error, neutralise_line(" ".join(str(error).split())))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  (pluggy's refusals, and whatever a stranger's object raises)
            return broken(record, error)
        self._observers = self._implementations("observe_event")
        return replace(record, hooks=hooks_of(self._manager, plugin))

    def _declared_settings(self, record: PluginRecord) -> type:
        if not self._manager.has_plugin(record.name):
            return UnreadSettings
        declared: type = NoSettings
        for implementation in self._implementations("provide_settings", record.name):
            switched_off = True
            with self._guard("provide_settings", implementation):
                declared = settings_from(_call(implementation, {})) or declared
                switched_off = False
            if switched_off:
                self._switch_off(record.name)
                return UnreadSettings
        return declared

    def _switch_off(self, name: str) -> None:
        record = self._record(name)
        self._manager.unregister(name=name)
        self._records[self._records.index(record)] = replace(record, hooks=())
        self._observers = self._implementations("observe_event")

    def provided(self, hook: str, kind: type[Contribution], config: Config) -> dict[str, list[Contribution]]:
        """Return what each plugin provides by one of the ``provide_`` hooks, by the plugin's name."""
        provided: dict[str, list[Contribution]] = {}
        for name in dict.fromkeys(i.plugin_name for i in self._implementations(hook)):
            own = self._implementations(hook, name)
            with self._guard(hook, own[0]):
                provided[name] = accepted([_call(i, {"config": config}) for i in own], kind)
        return provided

    def _opinion(self, implementation: pluggy.HookImpl, arguments: Mapping[str, object]) -> Review | None:
        name = implementation.plugin_name
        try:
            opinion = _call(implementation, arguments)
            return None if opinion is None else review_from(opinion, name)
        except BaseException as error:  # noqa: BLE001  (a stranger's code, in its own thread; whatever it does, nothing runs unreviewed)
            problem = str(error) if isinstance(error, Junk) else described(error)
            reason = f"the reviewer {self._title(name)} failed: {problem} · {self._record(name).removal}"
            return Review(Verdict.BLOCK, reason, name)

    def _late(self, name: str) -> Review:
        reason = f"the reviewer {self._title(name)} has not answered within {REVIEW_SECONDS:g} s"
        return Review(Verdict.ASK, f"{reason} · {self._record(name).removal}", name)

    def _essential_problem(self) -> str:
        """Say why no code may run, when the essential reviewer is not there; nothing when it is."""
        ours = [record for record in self._records if record.name == ESSENTIAL_PLUGIN and record.is_ours]
        if not self._needs_essential or any("review_code" in record.hooks for record in ours):
            return ""
        why = next((record.reason for record in ours if record.reason), "") or "it is not installed as it should be"
        return f"no code runs, because the reviewer {ESSENTIAL_PLUGIN} is missing: {why} · reinstall oi-core"

    def _implementations(self, hook: str, plugin: str | None = None) -> list[pluggy.HookImpl]:
        """Return the implementations of a hook sorted by the plugins' names, so that no result depends on sys.path."""
        found = getattr(self._manager.hook, hook).get_hookimpls()
        return sorted((i for i in found if plugin in (None, i.plugin_name)), key=lambda i: str(i.plugin_name))

    @contextmanager
    def _guard(self, hook: str, implementation: pluggy.HookImpl) -> Iterator[None]:
        """Keep what goes wrong in a plugin's code to that plugin: it is named, once, and the caller goes on."""
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  (a stranger's code: sys.exit() counts as failing)
            self._failed(implementation.plugin_name, hook, error)

    def _failed(self, name: str, hook: str, error: BaseException) -> None:
        record = self._record(name)
        reason = f"{hook}: {error if isinstance(error, Junk) else described(error)}"
        if record.status is not PluginStatus.BROKEN:
            self._records[self._records.index(record)] = broken(record, error, reason)
            self._tell(_notice(record, f"failed in {reason}"))

    def _record(self, name: str) -> PluginRecord:
        return next(record for record in self._records if record.name == name and record.hooks)

    def _title(self, name: str) -> str:
        return name if name == CORE else self._record(name).title

    def _tell(self, notice: Notice) -> None:
        if notice not in self._told:
            self._told.append(notice)
            self._notices.append(notice)


def _call(implementation: pluggy.HookImpl, arguments: Mapping[str, object]) -> object:
    """Call one implementation by itself: pluggy's own call of a hook ends with the first plugin that raises."""
    positional = [arguments[name] for name in implementation.argnames]
    named = {name: arguments[name] for name in implementation.kwargnames if name in arguments}
    return implementation.function(*positional, **named)


def _notice(record: PluginRecord, what: str) -> Notice:
    level = Level.ERROR if record.name == ESSENTIAL_PLUGIN else Level.WARNING
    return Notice(f"plugin {record.title} {what} · to remove it: {record.removal}", level)
