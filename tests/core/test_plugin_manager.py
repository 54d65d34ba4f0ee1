from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.errors import ConfigError
from oi_core.events import Event, Level, Notice, TextDelta
from oi_core.executors import Language, Launcher
from oi_core.messages import CodeBlock
from oi_core.plugin_api import Command, ModelProvider, Policy, Review, Verdict, hookimpl
from oi_core.plugin_manager import Plugins, PluginStatus
from oi_core.settings import Config, NoSettings, UnreadSettings

BLOCK = CodeBlock("call_1", "python", "1 + 1")
PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = tuple(sorted(PROJECT["entry-points"]["interpreter"]))


def language(name: str, *aliases: str) -> Language:
    return Language(name, "a language", start=lambda _workspace: pytest.fail("not started"), aliases=aliases)


class Plugin:
    """An object whose attributes are hook implementations."""

    def __init__(self, **functions: Callable[..., object]) -> None:
        vars(self).update(functions)


def plugin(**hooks: Callable[..., object]) -> Plugin:
    return Plugin(**{name: hookimpl(function) for name, function in hooks.items()})


def with_plugins(**plugins: object) -> Plugins:
    registered = Plugins()
    for name, each in plugins.items():
        registered.register(each, name)
    return registered


def texts(plugins: Plugins) -> list[str]:
    return [notice.text for notice in plugins.take_notices()]


def leaves() -> None:
    sys.exit(3)


def fails(text: str = "it broke") -> None:
    raise ValueError(text)


class Site:
    """A folder of installed distributions on ``sys.path``, with the metadata that pip writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.modules: list[str] = []

    def install(self, distribution: str, source: str, *, name: str = "", module: str = "", entry: str = "") -> None:
        module = module or distribution.replace("-", "_")
        self.modules.append(module)
        (self.folder / f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        metadata = self.folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", encoding="utf-8"
        )
        points = entry or f"[interpreter]\n{name or distribution.removeprefix('oi-')} = {module}\n"
        (metadata / "entry_points.txt").write_text(points, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    installed = Site(folder)
    yield installed
    for module in installed.modules:
        sys.modules.pop(module, None)


def record_of(plugins: Plugins, name: str, distribution: str = "") -> Any:
    return next(r for r in plugins.records if r.name == name and (not distribution or r.distribution == distribution))


# Loading


def test_our_own_plugins_are_installed_like_anybodys() -> None:
    plugins = Plugins.load()
    ours = [record for record in plugins.records if record.is_ours]
    assert tuple(record.name for record in ours) == OURS
    assert {record.status for record in ours} == {PluginStatus.OK}
    assert {record.distribution for record in ours} == {"oi-core"}


def test_an_installed_plugin_takes_part_under_its_entry_points_name(site: Site) -> None:
    site.install(
        "oi-good",
        """
        from oi_core.plugin_api import hookimpl
        @hookimpl
        def extend_system_message(config):
            return "be good"
        """,
    )
    plugins = Plugins.load()
    record = record_of(plugins, "good")
    assert (record.distribution, record.version, record.status) == ("oi-good", "1.0", PluginStatus.OK)
    assert record.hooks == ("extend_system_message",)
    assert record.seconds > 0
    assert "be good" in plugins.system_message(Config())


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_module_at_all", "ModuleNotFoundError: No module named 'no_such_module_at_all'"),
        ("raise RuntimeError('first line\\nsecond')", "RuntimeError: first line"),
        ("raise RuntimeError('\\x1b[2J')", "RuntimeError: ␛[2J"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("def broken(:", "SyntaxError: invalid syntax"),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "E"),
        ("raise GeneratorExit", "GeneratorExit"),
    ],
)
def test_a_plugin_that_fails_at_import_is_named_with_its_distribution_and_its_removal(
    site: Site, source: str, reason: str
) -> None:
    site.install("oi-bad", source)
    plugins = Plugins.load()
    record = record_of(plugins, "bad")
    assert record.status is PluginStatus.BROKEN
    assert record.reason.startswith(reason)
    assert "Traceback" in record.details
    (notice,) = plugins.take_notices()
    assert notice.level is Level.WARNING
    assert notice.text == f"plugin bad (oi-bad 1.0) is off: {record.reason} · to remove it: pip uninstall oi-bad"
    assert plugins.take_notices() == []
    assert {r.status for r in plugins.records if r.is_ours} == {PluginStatus.OK}
    assert plugins.settings_types()["bad"] is UnreadSettings


def test_an_interrupt_during_an_import_is_the_persons(site: Site) -> None:
    site.install("oi-slow", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        Plugins.load()


def test_a_disabled_plugin_is_never_imported(site: Site) -> None:
    site.install("oi-off", "raise SystemExit('imported')")
    plugins = Plugins.load(disabled={"off"})
    assert record_of(plugins, "off").status is PluginStatus.DISABLED
    assert "oi_off" not in sys.modules
    assert texts(plugins) == []
    assert plugins.settings_types()["off"] is UnreadSettings


def test_without_others_plugins_only_ours_are_imported(site: Site) -> None:
    site.install("oi-other", "raise SystemExit('imported')")
    plugins = Plugins.load(ours_only=True)
    assert record_of(plugins, "other").status is PluginStatus.DISABLED
    assert texts(plugins) == []
    assert record_of(plugins, "python").status is PluginStatus.OK


def test_two_distributions_with_one_plugin_name_are_both_refused_and_named(site: Site) -> None:
    source = "from oi_core.plugin_api import hookimpl\n@hookimpl\ndef extend_system_message(): return 'TWICE'\n"
    site.install("oi-one", source, name="same")
    site.install("oi-two", source, name="same")
    plugins = Plugins.load()
    records = [record for record in plugins.records if record.name == "same"]
    assert [record.status for record in records] == [PluginStatus.BROKEN] * 2
    assert sorted(texts(plugins)) == [
        f"plugin same ({mine} 1.0) is off: its name is also that of same ({other} 1.0)"
        f" · to remove it: pip uninstall {mine}"
        for mine, other in [("oi-one", "oi-two"), ("oi-two", "oi-one")]
    ]
    assert "TWICE" not in plugins.system_message(Config())


def test_an_outsider_cannot_take_the_name_of_a_plugin_of_ours(site: Site) -> None:
    site.install("oi-impostor", "raise SystemExit('imported')", name="forbidden")
    plugins = Plugins.load()
    assert record_of(plugins, "forbidden", "oi-impostor").status is PluginStatus.BROKEN
    assert record_of(plugins, "forbidden", "oi-core").status is PluginStatus.OK
    assert "oi_impostor" not in sys.modules
    assert "its name is also that of forbidden (oi-core" in texts(plugins)[0]
    assert "is missing" not in plugins.review(BLOCK, Policy()).reason


def test_one_distribution_with_broken_metadata_leaves_the_others_readable(site: Site) -> None:
    site.install("oi-garbled", "", entry="[interpreter]\nno equals sign here\n")
    site.install("oi-fine", "")
    plugins = Plugins.load()
    assert record_of(plugins, "fine").status is PluginStatus.OK
    assert record_of(plugins, "python").status is PluginStatus.OK


def test_a_name_that_means_something_else_in_the_configuration_is_refused(site: Site) -> None:
    site.install("oi-disable", "")
    assert record_of(Plugins.load(), "disable").reason == '"disable" is not a name for a plugin'


def test_an_entry_point_may_name_an_object_but_not_a_class(site: Site) -> None:
    source = """
        from oi_core.plugin_api import hookimpl
        class Plugin:
            @hookimpl
            def extend_system_message(self, config):
                return "from an object"
        plugin = Plugin()
        """
    site.install("oi-object", source, entry="[interpreter]\nobject = oi_object:plugin\nklass = oi_object:Plugin\n")
    plugins = Plugins.load()
    assert "from an object" in plugins.system_message(Config())
    assert record_of(plugins, "klass").reason == "the entry point is the class Plugin: name a module, or an instance"


# Hooks that do not fit


def test_a_misspelt_hook_is_reported_with_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match='there is no hook provide_langages, did you mean "provide_languages"'):
        with_plugins(p=plugin(provide_langages=lambda: None))


def test_a_reviewer_with_a_misspelt_hook_is_named_as_one() -> None:
    with pytest.raises(ConfigError, match=r'did you mean "review_code".*it meant to review code, and does not'):
        with_plugins(p=plugin(reveiw_code=lambda: None))


def test_a_hook_for_a_later_version_may_be_marked_optional() -> None:
    class Newer:
        @hookimpl(optionalhook=True)
        def provide_weather(self) -> None: ...

    plugins = with_plugins(newer=Newer())
    assert record_of(plugins, "newer").status is PluginStatus.OK
    assert record_of(plugins, "newer").hooks == ()


def test_a_wrong_argument_is_reported_and_the_plugin_is_out() -> None:
    with pytest.raises(ConfigError, match=r"configuration.* can not be found"):
        with_plugins(p=plugin(provide_languages=lambda configuration: [configuration]))


@pytest.mark.parametrize("style", ["wrapper", "hookwrapper"])
@pytest.mark.parametrize("hook", ["review_code", "extend_system_message"])
def test_hook_wrappers_are_refused_and_their_plugin_with_them(style: str, hook: str) -> None:
    def wraps() -> Iterator[None]:
        yield

    wrapping = Plugin(**{hook: hookimpl(wrapper=style == "wrapper", hookwrapper=style == "hookwrapper")(wraps)})
    with pytest.raises(ConfigError, match=f"{hook} is a hook wrapper, and those are refused") as caught:
        with_plugins(p=wrapping)
    assert ("it meant to review code" in str(caught.value)) == (hook == "review_code")


def test_an_object_that_raises_when_it_is_looked_at_is_refused() -> None:
    class Hostile:
        def __dir__(self) -> list[str]:
            raise SystemExit("no")

    with pytest.raises(ConfigError, match="SystemExit: no"):
        with_plugins(p=Hostile())


def test_one_object_cannot_be_two_plugins() -> None:
    same = plugin(extend_system_message=lambda: "x")
    with pytest.raises(ConfigError, match="already registered"):
        with_plugins(a=same, b=same)
    plugins = with_plugins(a=same)
    with pytest.raises(ConfigError, match='there is a plugin "a" already'):
        plugins.register(plugin(), "a")


def test_an_implementation_may_leave_out_arguments_or_give_them_defaults() -> None:
    plugins = with_plugins(
        a=plugin(extend_system_message=lambda: "none"),
        b=plugin(extend_system_message=lambda config=None: type(config).__name__),
    )
    assert plugins.system_message(Config()) == "none\n\nConfig"


# Providing


def test_what_plugins_provide_is_collected_by_name() -> None:
    provider = ModelProvider("mine", "models", lambda _name, _settings: pytest.fail("not opened"))
    plugins = with_plugins(
        b=plugin(provide_languages=lambda: [language("zig"), language("ada", "a95")]),
        a=plugin(
            provide_languages=lambda: (language("basic"),),
            provide_models=lambda: [provider],
            provide_commands=lambda: [Command("hello", "say it", lambda _session, _arguments: "hello")],
            provide_launchers=lambda: [Launcher("ssh", "elsewhere", lambda argv, _folder: argv)],
        ),
        c=plugin(provide_languages=lambda: None),
    )
    config = Config()
    assert list(plugins.languages(config)) == ["ada", "basic", "zig"]
    assert plugins.models(config) == {"mine": provider}
    assert list(plugins.commands(config)) == ["hello"]
    assert list(plugins.launchers(config)) == ["local", "ssh"]
    assert texts(plugins) == []


def test_one_name_from_two_plugins_is_refused_with_both_names(site: Site) -> None:
    source = """
        from oi_core.plugin_api import Language, hookimpl
        @hookimpl
        def provide_languages():
            return [Language("Calc", "sums", start=print)]
        """
    site.install("oi-sums", source)
    site.install("oi-abacus", source.replace("Calc", "calc"))
    with pytest.raises(ConfigError) as caught:
        Plugins.load(disabled=["python", "shell"]).languages(Config())
    assert str(caught.value).startswith(
        'two plugins provide the language "Calc": abacus (oi-abacus 1.0) and sums (oi-sums 1.0) · disable one of them'
    )
    assert list(Plugins.load(disabled=["javascript", "python", "shell", "sql", "sums"]).languages(Config())) == ["calc"]


def test_no_plugin_replaces_the_local_launcher() -> None:
    plugins = with_plugins(p=plugin(provide_launchers=lambda: [Launcher("local", "mine", lambda argv, _folder: argv)]))
    with pytest.raises(ConfigError, match=r'the launcher "local": p and the interpreter itself'):
        plugins.launchers(Config())


BAD_LANGUAGES: list[tuple[Any, str]] = [
    (3, "it returned an int, not a sequence of Language"),
    ("python", "it returned a str, not a sequence of Language"),
    ({"a": 1}, "it returned a dict, not a sequence of Language"),
    (["python"], "it returned a str among what should be Language"),
    ([language("")], '"" is not a name for a language'),
    ([language("two words")], '"two words" is not a name for a language'),
    ([language("\x1b[2J")], '"␛[2J" is not a name for a language'),
    ([language("a"), language("A")], 'it gives the name "A" twice'),
    ([language("a", "b"), language("c", "b")], 'it gives the name "b" twice'),
    ([language("a", "a")], 'it gives the name "a" twice'),
    ([language("a", "b c")], '"b c" is not a name for a language'),
    ([Language(3, "x", start=print)], "name of a language is an int, not a string"),  # type: ignore[arg-type]  # junk
    ([Language("a", "x", start="y")], "start of a language is a str, not a function"),  # type: ignore[arg-type]  # junk
    ([Language("a", "x", start=print, aliases="py")], "aliases of a language are not"),  # type: ignore[arg-type]  # junk
]


@pytest.mark.parametrize(("junk", "reason"), BAD_LANGUAGES)
def test_junk_from_a_provider_is_named_and_dropped_and_the_rest_goes_on(junk: object, reason: str) -> None:
    plugins = with_plugins(
        bad=plugin(provide_languages=lambda: junk), good=plugin(provide_languages=lambda: [language("ok")])
    )
    assert list(plugins.languages(Config())) == ["ok"]
    assert f"provide_languages: {reason}" in record_of(plugins, "bad").reason
    (text,) = texts(plugins)
    assert text.startswith(f"plugin bad failed in {record_of(plugins, 'bad').reason}")
    assert text.endswith("interpreter plugins disable bad")


@pytest.mark.parametrize("does", [fails, leaves])
def test_a_provider_that_raises_is_named_once_and_provides_nothing(does: Callable[[], None]) -> None:
    plugins = with_plugins(bad=plugin(provide_languages=does, provide_models=does, extend_system_message=does))
    for _ in range(2):
        assert plugins.languages(Config()) == {}
        assert plugins.models(Config()) == {}
        assert plugins.system_message(Config()) == ""
    assert len(texts(plugins)) == 1
    assert record_of(plugins, "bad").status is PluginStatus.BROKEN
    assert "Traceback" in record_of(plugins, "bad").details


def test_an_interrupt_in_a_hook_is_the_persons() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    def presses_ctrl_c() -> None:
        signal.raise_signal(signal.SIGINT)  # Python hands it to the main thread, which waits for the reviewer
        released.wait(60)

    released = threading.Event()
    plugins = with_plugins(
        p=plugin(provide_languages=interrupted, review_code=presses_ctrl_c, observe_event=interrupted)
    )
    calls: list[Callable[[], object]] = [
        lambda: plugins.languages(Config()),
        lambda: plugins.review(BLOCK, Policy()),
        lambda: plugins.observe(TextDelta("x")),
    ]
    for call in calls:
        with pytest.raises(KeyboardInterrupt):
            call()
    released.set()


def test_a_languages_name_is_stronger_than_anothers_alias() -> None:
    plugins = with_plugins(
        a=plugin(provide_languages=lambda: [language("shell", "bash", "sh")]),
        b=plugin(provide_languages=lambda: [language("bash")]),
    )
    languages = plugins.languages(Config())
    assert languages["shell"].aliases == ("sh",)
    assert texts(plugins) == []


def test_an_alias_that_two_languages_claim_means_neither() -> None:
    plugins = with_plugins(
        a=plugin(provide_languages=lambda: [language("julia", "j", "jl")]),
        b=plugin(provide_languages=lambda: [language("java", "J")]),
    )
    languages = plugins.languages(Config())
    plugins.languages(Config())
    assert (languages["julia"].aliases, languages["java"].aliases) == (("jl",), ())
    assert texts(plugins) == ["j could mean more than one language, so it means none: use the languages' names"]


# Settings


@dataclass(frozen=True)
class Fine:
    digits: int = 3


@dataclass(frozen=True)
class Unreadable:
    digits: complex = 3j


@dataclass(frozen=True)
class Required:
    digits: int


def test_each_plugins_settings_are_its_own() -> None:
    plugins = with_plugins(
        a=plugin(provide_settings=lambda: Fine),
        b=plugin(provide_settings=lambda: None),
        c=plugin(extend_system_message=lambda: ""),
    )
    assert plugins.settings_types() == {"a": Fine, "b": NoSettings, "c": NoSettings}


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (Fine(), "it returned a Fine, not a dataclass or None"),
        (int, "ConfigError: <class 'int'> is not a dataclass"),
        (Unreadable, "ConfigError: a setting cannot be of type <class 'complex'>"),
        (Required, "ConfigError: Required cannot hold settings: TypeError"),
    ],
)
def test_a_plugin_with_unusable_settings_is_named_and_switched_off(result: object, reason: str) -> None:
    plugins = with_plugins(
        bad=plugin(
            provide_settings=lambda: result,
            provide_languages=lambda: [language("x")],
            observe_event=lambda: pytest.fail("told"),
        )
    )
    assert plugins.settings_types() == plugins.settings_types() == {"bad": UnreadSettings}
    assert reason in record_of(plugins, "bad").reason
    assert record_of(plugins, "bad").hooks == ()
    assert plugins.languages(Config()) == {}
    plugins.observe(TextDelta("x"))
    assert len(texts(plugins)) == 1


# Reviewing


def test_the_strictest_review_stands() -> None:
    plugins = with_plugins(
        a=plugin(review_code=lambda: Review(Verdict.ALLOW, "read it")),
        b=plugin(review_code=lambda policy, block: Review(Verdict.ASK, f"{policy.approval}: runs {block.language}")),
        c=plugin(review_code=lambda: None),
    )
    assert plugins.review(BLOCK, Policy()) == Review(Verdict.ASK, "ask: runs python", "b")


def test_without_an_opinion_nobody_allowed_it() -> None:
    assert with_plugins().review(BLOCK, Policy()) == Review(Verdict.ALLOW, "", "")


def test_a_reviewer_may_name_itself() -> None:
    plugins = with_plugins(a=plugin(review_code=lambda: Review(Verdict.ASK, "", "a/shell")))
    assert plugins.review(BLOCK, Policy()).reviewer == "a/shell"


@pytest.mark.parametrize(
    "does",
    [
        fails,
        leaves,
        lambda: "allow",
        lambda: True,
        lambda: Verdict.ALLOW,
        lambda: Review("allow"),  # type: ignore[arg-type]  # junk, as a plugin without types might return
        lambda: Review(0),  # type: ignore[arg-type]  # as above
        lambda: Review(Verdict.ALLOW, None),  # type: ignore[arg-type]  # as above
        lambda: Review(Verdict.ALLOW, "", 3),  # type: ignore[arg-type]  # as above
        lambda: [Review(Verdict.ALLOW)],
    ],
)
def test_a_reviewer_that_raises_or_returns_junk_blocks_and_is_named(does: Callable[[], object]) -> None:
    plugins = with_plugins(bad=plugin(review_code=does), good=plugin(review_code=lambda: Review(Verdict.ALLOW)))
    review = plugins.review(BLOCK, Policy())
    assert review.verdict is Verdict.BLOCK
    assert review.reviewer == "bad"
    assert review.reason.startswith("the reviewer bad failed: ")
    assert plugins.review(BLOCK, Policy()) == review


@given(st.lists(st.sampled_from(["allow", "ask", "block", "none", "raises"]), max_size=5), st.randoms())
def test_no_order_of_plugins_changes_a_review(kinds: list[str], random: Any) -> None:
    opinions = {"allow": Verdict.ALLOW, "ask": Verdict.ASK, "block": Verdict.BLOCK}

    def reviewer(kind: str) -> object:
        if kind == "raises":
            return plugin(review_code=fails)
        return plugin(review_code=lambda: Review(opinions[kind], kind) if kind in opinions else None)

    named = [(f"p{number}", kind) for number, kind in enumerate(kinds)]
    first = with_plugins(**{name: reviewer(kind) for name, kind in named}).review(BLOCK, Policy())
    random.shuffle(named)
    assert with_plugins(**{name: reviewer(kind) for name, kind in named}).review(BLOCK, Policy()) == first
    assert (first.verdict is Verdict.BLOCK) == bool({"block", "raises"} & set(kinds))


def test_a_reviewer_that_hangs_is_named_and_asked_about_once_and_what_others_say_counts() -> None:
    calls: list[str] = []
    released = threading.Event()

    def hangs() -> None:
        calls.append("hung")
        released.wait(60)

    plugins = with_plugins(
        slow=plugin(review_code=hangs), other=plugin(review_code=lambda: Review(Verdict.ASK, "risky"))
    )
    review = plugins.review(BLOCK, Policy())
    assert review.verdict is Verdict.ASK
    assert review.reason.startswith("risky; the reviewer slow has not answered within 2 s")
    assert plugins.review(BLOCK, Policy()) == review
    assert calls == ["hung"]
    released.set()


def test_a_block_stands_while_another_reviewer_hangs() -> None:
    released = threading.Event()
    plugins = with_plugins(
        slow=plugin(review_code=lambda: released.wait(60)), sure=plugin(review_code=lambda: Review(Verdict.BLOCK, "no"))
    )
    assert plugins.review(BLOCK, Policy()) == Review(Verdict.BLOCK, "no", "sure")
    released.set()


def test_a_reviewer_that_hangs_does_not_keep_the_program_from_ending() -> None:
    source = (
        "import time, types, oi_core\n"
        "from oi_core.plugin_api import hookimpl\n"
        "class Slow:\n"
        "    @hookimpl\n"
        "    def review_code(self, block):\n"
        "        time.sleep(600)\n"
        "from oi_core.messages import CodeBlock\n"
        "from oi_core.plugin_manager import Plugins\n"
        "from oi_core.review import Policy\n"
        "plugins = Plugins()\n"
        "plugins.register(Slow(), 'slow')\n"
        "print(plugins.review(CodeBlock('1', 'python', '1'), Policy()).verdict.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ASK\n", "")


def test_the_essential_reviewer_is_there() -> None:
    plugins = Plugins.load()
    assert "is missing" not in plugins.review(BLOCK, Policy()).reason
    assert texts(plugins) == []


def test_without_the_essential_reviewer_nothing_runs(site: Site) -> None:
    # a module of the same name that shadows ours on the path, as a stray file might
    site.install("shadow", "raise ImportError('gone')", module="oi_forbidden", entry="[other]\nx = y\n")
    ours = sys.modules.pop("oi_forbidden", None)
    try:
        plugins = Plugins.load()
    finally:
        if ours is not None:
            sys.modules["oi_forbidden"] = ours
    review = plugins.review(BLOCK, Policy())
    assert (review.verdict, review.reviewer) == (Verdict.BLOCK, "forbidden")
    assert "forbidden is missing: ImportError: gone · reinstall oi-core" in review.reason
    assert Level.ERROR in {notice.level for notice in plugins.take_notices()}


def test_the_command_line_may_leave_the_essential_reviewer_out_and_is_told() -> None:
    plugins = Plugins.load(disabled=["forbidden"])
    assert plugins.review(BLOCK, Policy()).verdict is Verdict.ALLOW
    assert texts(plugins) == ["forbidden is off: its list blocks nothing"]


# Extending and observing


def test_paragraphs_stand_in_the_order_of_the_plugins_names() -> None:
    plugins = with_plugins(
        z=plugin(extend_system_message=lambda: " last \n"),
        a=plugin(extend_system_message=lambda: "first"),
        m=plugin(extend_system_message=lambda: None),
        n=plugin(extend_system_message=lambda: 3),
    )
    assert plugins.system_message(Config()) == "first\n\nlast"
    assert "it returned an int, not a string or None" in texts(plugins)[0]


def test_an_observer_that_raises_is_told_no_more_and_the_others_are() -> None:
    told: dict[str, list[Event]] = {"a": [], "b": []}

    def unhappy(event: Event) -> None:
        told["a"].append(event)
        raise ValueError("enough")

    plugins = with_plugins(
        a=plugin(observe_event=unhappy), b=plugin(observe_event=lambda event: told["b"].append(event))
    )
    events: list[Event] = [TextDelta("1"), Notice("2"), TextDelta("3")]
    for event in events:
        plugins.observe(event)
    assert told == {"a": events[:1], "b": events}
    assert texts(plugins) == [
        "plugin a failed in observe_event: ValueError: enough · to remove it: interpreter plugins disable a"
    ]
