from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oi_core.config import Resolution, disabled_plugins, find_sources, resolve, user_config_file
from oi_core.config.schema import config_schema
from oi_core.config.scopes import narrowed
from oi_core.errors import ConfigError
from oi_core.review import Approval
from oi_core.settings import Config, NoSettings, Scope, SettingInfo, Stricter, UnreadSettings, setting


@dataclass(frozen=True)
class CalcSettings:
    digits: int = setting(12, Scope.FREE, "digits to print", minimum=1)
    strict: bool = setting(False, Scope.NARROW, "refuse floats", stricter=Stricter.FALSE)
    program: str = "bc"

    def __post_init__(self) -> None:
        if self.digits > 1000:
            raise ValueError("too many digits")


PLUGINS: Mapping[str, type] = {
    "calc": CalcSettings,
    "forbidden": NoSettings,
    "shell": NoSettings,
    "old": UnreadSettings,
}


class Place:
    """A project folder and a person's own file, both real."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "home" / "shop"
        self.folder.mkdir(parents=True)
        self.own = root / "own.toml"
        self.environment: dict[str, str] = {}
        self.overrides: dict[str, object] = {}

    def project(self, text: str) -> None:
        (self.folder / "pyproject.toml").write_text(text, encoding="utf-8")

    def user(self, text: str) -> None:
        self.own.write_text(text, encoding="utf-8")

    def resolve(self, *, isolated: bool = False) -> Resolution:
        own = self.own if self.own.exists() else None
        sources = find_sources(
            self.folder, environ=self.environment, overrides=self.overrides, config_file=own, isolated=isolated
        )
        return resolve(sources, PLUGINS)

    def error(self) -> str:
        with pytest.raises(ConfigError) as caught:
            self.resolve()
        assert caught.value.exit_code == 2
        return str(caught.value)

    def disabled(self) -> frozenset[str]:
        own = self.own if self.own.exists() else None
        return disabled_plugins(
            find_sources(self.folder, environ=self.environment, overrides=self.overrides, config_file=own)
        )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    return Place(tmp_path)


def test_without_any_source_everything_is_the_default(place: Place) -> None:
    resolution = place.resolve()
    assert resolution.config.model == Config().model
    assert resolution.config.folder == place.folder
    assert {origin.source for origin in resolution.origins.values()} == {"default"}
    assert resolution.notices == ()
    assert resolution.ignored == ()


def test_each_source_beats_the_weaker_ones(place: Place) -> None:
    def lines() -> tuple[int, str]:
        resolution = place.resolve()
        return resolution.config.output.lines, resolution.origins["output.lines"].source

    assert lines() == (10, "default")
    place.user("# mine\noutput.lines = 1\n")
    assert lines() == (1, f"{place.own}:2")
    place.project("[tool.interpreter]\n\n[tool.interpreter.output]\nlines = 2\n")
    assert lines() == (2, "pyproject.toml:4")
    place.environment["INTERPRETER_OUTPUT_LINES"] = "3"
    assert lines() == (3, "env INTERPRETER_OUTPUT_LINES")
    place.overrides["output.lines"] = 4
    assert lines() == (4, "command line")


def test_the_persons_file_is_found_where_the_system_keeps_configuration(place: Place) -> None:
    path = user_config_file()
    assert path.is_relative_to(Path.home())
    path.parent.mkdir(parents=True)
    path.write_text('model = "mine"\n', encoding="utf-8")
    resolution = place.resolve()
    assert resolution.config.model == "mine"
    assert resolution.origins["model"].source == f"~/{path.relative_to(Path.home())}:1"


def test_every_kind_of_key_can_be_set_in_the_persons_file(place: Place) -> None:
    place.user(
        """
        model = "m"
        temperature = 0
        base-url = "http://127.0.0.1:1/v1"
        env-pass = ["A_KEY"]
        approval = "risky"
        forbidden-commands = ["reboot"]
        limits = {turns = 3, seconds = 1.5, output-tokens = 100}
        languages.allow = ["python", "c++"]
        [languages.python]
        command = ["python3.12"]
        env = {A = "b"}
        [languages."c++"]
        timeout = 5
        [plugins]
        disable = ["shell"]
        [plugins.calc]
        digits = 3
        [plugins.old]
        whatever = true
        """
    )
    config = place.resolve().config
    assert (config.model, config.temperature, config.base_url) == ("m", 0.0, "http://127.0.0.1:1/v1")
    assert config.approval is Approval.RISKY
    assert config.env_pass == ("A_KEY",)
    assert config.forbidden_commands == ("reboot",)
    assert (config.limits.turns, config.limits.seconds, config.limits.output_tokens) == (3, 1.5, 100)
    assert config.languages.allow == ("python", "c++")
    assert config.languages.named["python"].command == ("python3.12",)
    assert config.languages.named["python"].env == {"A": "b"}
    assert config.languages.named["c++"].timeout == 5.0
    assert config.plugins.disable == ("shell",)
    assert config.plugin_settings("calc") == CalcSettings(digits=3)
    with pytest.raises(KeyError):
        config.plugin_settings("shell")


def test_one_language_may_be_set_in_several_sources(place: Place) -> None:
    place.user('[languages.r]\ncommand = ["R"]\n')
    place.environment["INTERPRETER_LANGUAGES_R_TIMEOUT"] = "5"
    place.overrides["languages.r.env"] = {"A": "b"}
    own = place.resolve().config.languages.named["r"]
    assert (own.command, own.timeout, own.env) == (("R",), 5.0, {"A": "b"})


# Wrong keys and values


def test_a_misspelt_key_is_pointed_at_with_file_line_caret_and_the_nearest_name(place: Place) -> None:
    place.project('[project]\nname = "x"\n\n[tool.interpreter]\n  aproval = "auto"\n')
    assert place.error() == (
        'pyproject.toml:5:3  unknown key "aproval", did you mean "approval"?\n    aproval = "auto"\n    ^^^^^^^'
    )


def test_all_wrong_keys_of_a_file_are_reported_the_first_one_first(place: Place) -> None:
    place.user("[limits]\nturns = -1\nsecond = 3\n\n[plugins.calc]\ndigits = 'x'\n[plugins.clac]\n")
    heads = [line for line in place.error().split("\n") if not line.startswith(" ")]
    assert [head.split(":", 1)[1] for head in heads] == [
        "2:1  limits.turns expects a whole number of at least 0, found -1",
        '3:1  unknown key "second", did you mean "seconds"?',
        '6:1  plugins.calc.digits expects a whole number, found "x"',
        '7:10  unknown key "clac", did you mean "calc"?',
    ]


def test_a_key_inside_an_inline_table_or_an_array_is_pointed_at(place: Place) -> None:
    place.user("limits = { turns = 1, secnds = 2 }\nforbidden-commands = [\n  'a',\n  3,\n]\n")
    text = place.error()
    assert ':1:23  unknown key "secnds"' in text
    assert ":4:3  forbidden-commands expects a list of strings, found 3\n    3,\n    ^" in text


def test_the_caret_stays_under_the_key_after_wide_and_hidden_characters(place: Place) -> None:
    place.user('languages.r = { env = {"日本" = "\u202e"}, tmeout = 1 }\n')
    shown, caret = place.error().split("\n")[1:3]
    assert "\u2039U+202E\u203a" in shown
    assert shown.index("tmeout") + len("日本") == caret.index("^")


def test_a_long_line_is_shown_around_the_key(place: Place) -> None:
    place.user(f"limits = {{ turns = {'1' * 300}, secnds = 2 }}\n")
    lines = place.error().split("\n")
    assert max(map(len, lines)) < 160
    assert lines[1][lines[2].index("^") :].startswith("secnds")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1 2\n", ":1:7  not valid TOML: "),
        ("\n\na = [\n", ":3:6  not valid TOML: Invalid value at the end of the file\n  a = [\n       ^"),
        ("<<<<<<< HEAD\n", ":1:1  not valid TOML: Invalid statement\n  <<<<<<< HEAD\n  ^"),
        (f"a = {'[' * 5000}{']' * 5000}\n", "nested too deeply"),
        (f"a = {'1' * 5000}\n", "not valid TOML: "),
        ("a = 2024-13-45\n", "not valid TOML: "),
    ],
)
def test_a_file_that_is_not_toml_says_where(place: Place, text: str, message: str) -> None:
    place.project(text)
    assert place.error().startswith("pyproject.toml:")
    assert message in place.error()


def test_a_file_that_is_not_utf_8_says_where(place: Place) -> None:
    (place.folder / "pyproject.toml").write_bytes(b'a = 1\nb = "\xff"\n')
    assert place.error() == "pyproject.toml:2:6  not UTF-8: byte 0xff"


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(place: Place) -> None:
    place.own.write_bytes(b'\xef\xbb\xbfmodel = "m"\r\n\r\noutput.lines = 3\r\n')
    assert place.resolve().config.model == "m"
    assert place.resolve().origins["output.lines"].source.endswith(":3")


def test_an_enormous_file_is_not_read(place: Place) -> None:
    place.project("# " + "x" * (1 << 20))
    assert "larger than 1 MiB" in place.error()


def test_a_missing_file_after_config_is_an_error(place: Place) -> None:
    with pytest.raises(ConfigError, match="no configuration file"):
        find_sources(place.folder, environ={}, config_file=place.own)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_an_error(place: Place) -> None:
    place.project("")
    (place.folder / "pyproject.toml").chmod(0)
    assert "cannot be read: Permission denied" in place.error()


def test_a_folder_in_the_place_of_the_persons_file_is_an_error(place: Place) -> None:
    place.own.mkdir()
    assert "cannot be read: Is a directory" in place.error()


def test_a_value_in_the_place_of_the_table_is_an_error(place: Place) -> None:
    place.project("[tool]\ninterpreter = 3\n")
    assert place.error().startswith('pyproject.toml:2:1  "interpreter" is a table: write [tool.interpreter]')


def test_a_plugin_that_refuses_its_settings_is_named_with_where_they_stand(place: Place) -> None:
    place.user("[plugins.calc]\ndigits = 2000\n")
    assert (
        place.error() == f"plugins.calc ({place.own}:2): the plugin refuses its settings: ValueError: too many digits"
    )


# The project's file


def test_the_nearest_project_file_with_our_table_counts(place: Place) -> None:
    place.project("[tool.interpreter]\noutput.lines = 2\n")
    inner = place.folder / "a" / "b"
    inner.mkdir(parents=True)
    (place.folder / "a" / "pyproject.toml").write_text("[tool.other]\n", encoding="utf-8")
    resolution = resolve(find_sources(inner, environ={}), PLUGINS)
    assert resolution.config.output.lines == 2
    assert resolution.origins["output.lines"].source == "~/shop/pyproject.toml:2"


def test_the_search_ends_at_the_home_folder(place: Place) -> None:
    (Path.home().parent / "pyproject.toml").write_text("[tool.interpreter]\noutput.lines = 2\n", encoding="utf-8")
    assert place.resolve().config.output.lines == 10
    (Path.home() / "pyproject.toml").write_text("[tool.interpreter]\noutput.lines = 3\n", encoding="utf-8")
    assert place.resolve().config.output.lines == 3


def test_a_path_that_is_no_text_is_shown_harmlessly(place: Place) -> None:
    place.own = place.own.with_name("\udcff\x1b[2J.toml")
    place.user("aproval = 1\n")
    error = place.error()
    assert error.encode()
    assert "\x1b" not in error


def test_isolated_reads_only_what_is_named(place: Place) -> None:
    place.project("not toml at all")
    place.environment["INTERPRETER_OUTPUT_LINES"] = "3"
    place.overrides["theme"] = "dark"
    assert place.resolve(isolated=True).config.output.lines == 10
    assert place.resolve(isolated=True).config.theme == "dark"
    place.user("output.lines = 4\n")
    assert place.resolve(isolated=True).config.output.lines == 4


def test_a_project_cannot_choose_the_model_before_it_is_trusted(place: Place) -> None:
    place.project(
        '[tool.interpreter]\nmodel = "x"\ninstructions = "y"\n[tool.interpreter.languages.python]\ncommand = ["z"]\n'
    )
    resolution = place.resolve()
    assert resolution.config.model == Config().model
    assert resolution.config.instructions == ""
    assert resolution.config.languages.named == {}
    assert [notice.text for notice in resolution.notices] == [
        "pyproject.toml sets model, instructions, languages.python.command: ignored until you trust this project "
        "(interpreter trust)"
    ]
    assert [(item.key, item.source) for item in resolution.ignored] == [
        ("model", "pyproject.toml:2"),
        ("instructions", "pyproject.toml:3"),
        ("languages.python.command", "pyproject.toml:5"),
    ]


def test_a_project_never_sets_what_is_the_persons_alone(place: Place) -> None:
    place.user("")
    place.project('[tool.interpreter]\nbase-url = "http://evil"\nplugins.disable = ["forbidden", "shell"]\n')
    resolution = place.resolve()
    assert resolution.config.base_url is None
    assert resolution.config.plugins.disable == ()
    assert place.disabled() == frozenset()
    assert [notice.text for notice in resolution.notices] == [
        "pyproject.toml sets base-url, plugins.disable: "
        f"ignored because only your own configuration sets it ({place.own})"
    ]


@pytest.mark.parametrize(
    ("own", "theirs", "stands"),
    [
        ("ask", "deny", "deny"),
        ("ask", "ask", "ask"),
        ("ask", "risky", "ask"),
        ("ask", "auto", "ask"),
        ("auto", "risky", "risky"),
        ("deny", "auto", "deny"),
    ],
)
def test_a_project_may_only_ask_more(place: Place, own: str, theirs: str, stands: str) -> None:
    place.user(f'approval = "{own}"\n')
    place.project(f'[tool.interpreter]\napproval = "{theirs}"\n')
    resolution = place.resolve()
    assert resolution.config.approval == stands
    assert bool(resolution.notices) == (stands != theirs)


@pytest.mark.parametrize(
    ("own", "theirs", "stands"), [(600, 5, 5), (600, 0, 600), (600, 601, 600), (0, 5, 5), (0, 0, 0), (5, 5.5, 5)]
)
def test_a_project_may_only_lower_a_limit_and_zero_is_none(
    place: Place, own: float, theirs: float, stands: float
) -> None:
    place.user(f"limits.seconds = {own}\n")
    place.project(f"[tool.interpreter]\nlimits.seconds = {theirs}\n")
    assert place.resolve().config.limits.seconds == stands


def test_a_project_may_only_add_forbidden_commands(place: Place) -> None:
    place.user('forbidden-commands = ["reboot", "halt"]\n')
    place.project('[tool.interpreter]\nforbidden-commands = ["halt", "dd"]\n')
    assert place.resolve().config.forbidden_commands == ("reboot", "halt", "dd")


def test_a_project_may_only_take_languages_away(place: Place) -> None:
    place.project('[tool.interpreter]\nlanguages.allow = ["python", "ruby"]\n')
    assert place.resolve().config.languages.allow == ("python", "ruby")
    place.user('languages.allow = ["shell", "python"]\n')
    resolution = place.resolve()
    assert resolution.config.languages.allow == ("python",)
    assert "pyproject.toml:2 sets languages.allow: ignored for ruby, which yours leaves out" in [
        notice.text for notice in resolution.notices
    ]


def test_the_scopes_of_a_plugins_own_settings_hold_too(place: Place) -> None:
    place.user("plugins.calc.strict = false\n")
    place.project("[tool.interpreter.plugins.calc]\ndigits = 3\nstrict = true\nprogram = 'evil'\n")
    resolution = place.resolve()
    assert resolution.config.plugin_settings("calc") == CalcSettings(digits=3)
    assert {item.key for item in resolution.ignored} == {"plugins.calc.strict", "plugins.calc.program"}


def test_a_table_for_a_plugin_that_is_not_here_is_a_notice_in_a_project_and_an_error_in_the_persons_file(
    place: Place,
) -> None:
    place.project("[tool.interpreter.plugins.clac]\nx = 1\n")
    assert [notice.text for notice in place.resolve().notices] == [
        "pyproject.toml:1 sets plugins.clac: ignored because no plugin of this name is installed"
    ]
    place.user("[plugins.clac]\nx = 1\n")
    assert 'unknown key "clac", did you mean "calc"?' in place.error()


def test_a_project_that_misspells_a_key_of_the_plugins_table_is_told(place: Place) -> None:
    place.project("[tool.interpreter]\nplugins.disabel = []\n")
    assert 'unknown key "disabel", did you mean "disable"?' in place.error()
    place.project("[tool.interpreter]\nplugins = 3\n")
    assert "plugins expects a table, found 3" in place.error()


NUMBERS = st.integers(0, 5) | st.floats(0, 5)
WORDS = st.lists(st.sampled_from("abc"), unique=True).map(tuple)


def limit(value: float) -> float:
    return value or float("inf")


@given(NUMBERS, NUMBERS)
def test_no_project_ever_raises_a_limit(mine: float, theirs: float) -> None:
    value, _ = narrowed(SettingInfo(Scope.NARROW, stricter=Stricter.LOWER), mine, theirs)
    assert isinstance(value, int | float)
    assert limit(value) <= limit(mine)


@given(st.none() | WORDS, WORDS)
def test_no_project_ever_allows_what_the_person_leaves_out(
    mine: tuple[str, ...] | None, theirs: tuple[str, ...]
) -> None:
    value, _ = narrowed(SettingInfo(Scope.NARROW, stricter=Stricter.FEWER), mine, theirs)
    assert isinstance(value, tuple)
    assert set(value) <= set(theirs)
    assert mine is None or set(value) <= set(mine)


@given(WORDS, WORDS)
def test_no_project_ever_takes_a_forbidden_command_off_the_list(mine: tuple[str, ...], theirs: tuple[str, ...]) -> None:
    value, reason = narrowed(SettingInfo(Scope.NARROW, stricter=Stricter.MORE), mine, theirs)
    assert isinstance(value, tuple)
    assert value[: len(mine)] == mine
    assert set(value) == {*mine, *theirs}
    assert reason is None


PROJECT_KEYS = {
    "model": st.just("evil"),
    "temperature": st.just(2.0),
    "base-url": st.just("http://evil"),
    "api-key-command": st.just("evil"),
    "env-pass": st.just(["AWS_SECRET"]),
    "approval": st.sampled_from(["ask", "risky", "auto", "deny"]),
    "launcher": st.just("evil"),
    "forbidden-commands": WORDS.map(list),
    "limits.turns": st.integers(0, 100),
    "limits.seconds": st.floats(0, 1000),
    "limits.output-tokens": st.integers(0, 20_000),
    "languages.allow": WORDS.map(list),
    "languages.python.command": st.just(["evil"]),
    "languages.python.timeout": st.just(0),
    "output.lines": st.integers(1, 20),
    "plugins.disable": st.just(["forbidden"]),
    "plugins.calc.program": st.just("evil"),
    "plugins.calc.strict": st.booleans(),
}


@settings(max_examples=100, deadline=None)
@given(project=st.fixed_dictionaries({}, optional=PROJECT_KEYS), own=st.sampled_from(["ask", "risky", "auto", "deny"]))
def test_no_project_ever_widens_anything(
    tmp_path_factory: pytest.TempPathFactory, project: dict[str, object], own: str
) -> None:
    folder = tmp_path_factory.mktemp("project")
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in project.items()]
    (folder / "pyproject.toml").write_text("[tool.interpreter]\n" + "".join(lines), encoding="utf-8")
    file = folder / "own.toml"
    file.write_text(f'approval = "{own}"\nforbidden-commands = ["a"]\n', encoding="utf-8")
    alone = resolve(find_sources(folder, environ={}, config_file=file, isolated=True), PLUGINS).config
    resolution = resolve(find_sources(folder, environ={}, config_file=file), PLUGINS)
    config = resolution.config
    order = ["deny", "ask", "risky", "auto"]
    assert order.index(config.approval) <= order.index(own)
    assert set(config.forbidden_commands) >= {"a"}
    for name in ("turns", "seconds", "output_tokens"):
        assert limit(getattr(config.limits, name)) <= limit(getattr(alone.limits, name))
    same = replace(
        config,
        approval=alone.approval,
        forbidden_commands=alone.forbidden_commands,
        limits=alone.limits,
        languages=replace(config.languages, allow=alone.languages.allow),
        output=alone.output,
        plugins=replace(config.plugins, tables={"calc": replace(config.plugin_settings("calc"), strict=False)}),
    )
    assert same == alone
    assert {*resolution.origins} >= {*project} - {item.key for item in resolution.ignored}


# Disabling plugins


def test_the_person_can_disable_plugins_in_a_file_the_environment_or_the_command_line(place: Place) -> None:
    assert place.disabled() == frozenset()
    place.user('plugins.disable = ["shell"]\nno-such-key = 1\n')
    assert place.disabled() == {"shell"}
    place.environment["INTERPRETER_PLUGINS_DISABLE"] = '["calc", "old"]'
    assert place.disabled() == {"calc", "old"}
    place.overrides["plugins.disable"] = ["calc"]
    assert place.disabled() == {"calc"}


def test_no_file_and_no_variable_disables_the_essential_reviewer(place: Place) -> None:
    place.user('plugins.disable = ["forbidden", "shell"]\n')
    assert place.disabled() == {"shell"}
    resolution = place.resolve()
    assert resolution.config.plugins.disable == ("shell",)
    assert [item.key for item in resolution.ignored] == ["plugins.disable"]
    assert "ignored for forbidden, which no file or variable can disable" in resolution.notices[0].text
    place.environment["INTERPRETER_PLUGINS_DISABLE"] = "forbidden"
    assert place.disabled() == frozenset()
    assert place.resolve().config.plugins.disable == ()


def test_the_command_line_can_leave_the_essential_reviewer_out(place: Place) -> None:
    place.overrides["plugins.disable"] = ["forbidden"]
    assert place.disabled() == {"forbidden"}
    assert place.resolve().config.plugins.disable == ("forbidden",)


def test_a_wrong_list_of_disabled_plugins_is_an_error_before_any_plugin_is_loaded(place: Place) -> None:
    place.user('plugins.disable = "shell"\n')
    with pytest.raises(ConfigError, match=r":1:9  plugins.disable expects a list of strings"):
        place.disabled()


def test_disabling_a_plugin_that_is_not_there_suggests_the_nearest(place: Place) -> None:
    place.overrides["plugins.disable"] = ["shel"]
    assert [notice.text for notice in place.resolve().notices] == [
        'command line disables "shel", which is not installed, did you mean "shell"?'
    ]


# The environment and the command line


def test_every_setting_has_its_variable(place: Place) -> None:
    place.environment |= {
        "INTERPRETER_MODEL": "m",
        "INTERPRETER_LIMITS_OUTPUT_TOKENS": "7",
        "INTERPRETER_APPROVAL": "auto",
        "INTERPRETER_LANGUAGES_ALLOW": "python",
        "INTERPRETER_LANGUAGES_MY_LANG_COMMAND": '["a", "b"]',
        "INTERPRETER_PLUGINS_CALC_STRICT": "yes",
        "INTERPRETER_PLUGINS_OLD_ANYTHING": "x",
        "INTERPRETER_THEME": "",
    }
    resolution = place.resolve()
    config = resolution.config
    assert (config.model, config.limits.output_tokens, config.approval) == ("m", 7, Approval.AUTO)
    assert config.languages.allow == ("python",)
    assert config.languages.named["my_lang"].command == ("a", "b")
    assert config.plugin_settings("calc").strict is True
    assert config.theme == "auto"
    assert resolution.notices == ()


def test_an_unknown_variable_is_a_notice_with_the_nearest_name(place: Place) -> None:
    place.environment["INTERPRETER_MODLE"] = "secret"
    notices = place.resolve().notices
    assert [notice.text for notice in notices] == [
        'env INTERPRETER_MODLE: ignored because there is no such setting, did you mean "INTERPRETER_MODEL"?'
    ]


def test_the_limit_in_characters_that_there_was_names_the_one_in_tokens(place: Place) -> None:
    hint = 'unknown key "{}", did you mean "output-tokens"?'
    place.user("[limits]\noutput-chars = 100\n")
    assert hint.format("output-chars") in place.error()
    place.user("")
    place.overrides["limits"] = {"output_chars": 100}
    assert place.error() == "command line  " + hint.format("output_chars")


def test_a_wrong_variable_is_an_error_that_names_it(place: Place) -> None:
    place.environment |= {"INTERPRETER_LIMITS_TURNS": "many", "INTERPRETER_APPROVAL": "atuo"}
    assert place.error().split("\n") == [
        'env INTERPRETER_APPROVAL: approval expects one of "ask", "risky", "auto", "deny", found "atuo", '
        'did you mean "auto"?',
        'env INTERPRETER_LIMITS_TURNS: limits.turns expects a whole number, found "many"',
    ]


def test_overrides_take_dotted_keys_python_names_and_nested_tables(place: Place) -> None:
    place.overrides |= {
        "base_url": "http://x",
        "api-key-env": "K",
        "limits": {"output_tokens": 9},
        "limits.turns": 3,
        "approval": Approval.DENY,
        "plugins.calc.digits": 4,
        "env_pass": ("A",),
        "temperature": None,
    }
    config = place.resolve().config
    assert (config.base_url, config.api_key_env, config.approval) == ("http://x", "K", Approval.DENY)
    assert (config.limits.output_tokens, config.limits.turns) == (9, 3)
    assert config.plugin_settings("calc").digits == 4
    assert config.env_pass == ("A",)
    assert place.resolve().origins["base-url"].source == "command line"


def test_a_wrong_override_says_so(place: Place) -> None:
    place.overrides |= {"aproval": "auto", "limits.turns": "x", "": 1}
    assert place.error().split("\n") == [
        'command line  unknown key "aproval", did you mean "approval"?',
        'command line  limits.turns expects a whole number, found "x"',
        'command line  unknown key ""',
    ]


# The schema


def test_the_schema_has_every_setting_with_its_type_and_meaning() -> None:
    schema = config_schema(PLUGINS)
    properties = schema["properties"]
    assert schema["additionalProperties"] is False
    assert properties["model"]["type"] == "string"
    assert properties["approval"]["enum"] == ["ask", "risky", "auto", "deny"]
    assert properties["approval"]["default"] == "ask"
    assert properties["limits"]["properties"]["turns"]["minimum"] == 0
    assert properties["temperature"]["type"] == "number"
    assert properties["env-pass"]["type"] == "array"
    assert properties["env-pass"]["items"] == {"type": "string"}
    assert properties["env-pass"]["description"].endswith("(scope: user)")
    languages = properties["languages"]
    assert languages["additionalProperties"]["properties"]["env"]["additionalProperties"] == {"type": "string"}
    plugins = properties["plugins"]["properties"]
    assert plugins["calc"]["properties"]["program"]["description"] == "scope: trust"
    assert plugins["old"]["additionalProperties"] is True
    assert plugins["shell"] == {"type": "object", "properties": {}, "additionalProperties": False}


def test_the_schema_of_rarer_types() -> None:
    @dataclass(frozen=True)
    class Rare:
        either: int | str = 0
        place: Path = Path("x")

    properties = config_schema({"rare": Rare})["properties"]["plugins"]["properties"]["rare"]["properties"]
    assert properties["either"]["anyOf"] == [{"type": "integer"}, {"type": "string"}]
    assert (properties["place"]["type"], properties["place"]["default"]) == ("string", "x")
