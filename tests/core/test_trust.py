"""Trust in projects: what it holds for, what ends it, and a file that is damaged, locked or somebody else's."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.config import Resolution, find_sources, resolve, resolve_trusting
from oi_core.config.sources import user_trust_file
from oi_core.errors import ConfigError
from oi_core.settings import Config, NoSettings, Scope, UnreadSettings, setting
from oi_core.trust import ProjectTrust
from oi_core.trust.store import TrustedProject, TrustStore


@dataclass(frozen=True)
class CalcSettings:
    digits: int = setting(12, Scope.FREE, "digits to print")
    program: str = "bc"


PLUGINS: Mapping[str, type] = {"calc": CalcSettings, "forbidden": NoSettings, "old": UnreadSettings}
WANTS = '[tool.interpreter]\nmodel = "theirs"\nlanguages.python.command = ["./python"]\n'


class Place:
    """A project on disk and the person's own trust store, both real."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.folder = self.home / "shop"
        self.folder.mkdir(parents=True)

    @property
    def store(self) -> TrustStore:
        return TrustStore(user_trust_file())

    def project(self, text: str = WANTS, folder: Path | None = None) -> None:
        ((folder or self.folder) / "pyproject.toml").write_text(text, encoding="utf-8")

    def resolve(self, folder: Path | None = None, plugins: Mapping[str, type] = PLUGINS) -> Resolution:
        return resolve(find_sources(folder or self.folder, environ={}), plugins)

    def trust(self, folder: Path | None = None, plugins: Mapping[str, type] = PLUGINS) -> Resolution:
        return resolve_trusting(find_sources(folder or self.folder, environ={}), plugins, lambda _: True)

    def asked(self) -> ProjectTrust:
        trust = self.resolve().trust
        assert trust is not None
        return trust

    def is_trusted(self, folder: Path | None = None) -> bool:
        return self.resolve(folder).config.model == "theirs"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("CONFIG", "STATE"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    return Place(tmp_path)


def test_a_project_counts_once_it_is_trusted_and_stays_so(place: Place) -> None:
    place.project()
    assert not place.is_trusted()
    trusted = place.trust()
    assert trusted.config.model == "theirs"
    assert trusted.notices == ()
    later = place.resolve()
    assert later.config.languages.named["python"].command == ("./python",)
    assert later.origins["model"].source == "pyproject.toml:2"
    assert not later.notices
    assert not later.ignored


def test_who_says_no_is_told_what_was_ignored_and_nothing_is_kept(place: Place) -> None:
    place.project()
    resolution = resolve_trusting(find_sources(place.folder, environ={}), PLUGINS, lambda _: False)
    assert [notice.text for notice in resolution.notices] == [
        "pyproject.toml sets model, languages.python.command: ignored until you trust this project (interpreter trust)"
    ]
    assert not place.store.file.exists()


def test_a_project_that_wants_nothing_special_is_not_asked_about(place: Place) -> None:
    place.project('[tool.interpreter]\noutput.lines = 3\napproval = "deny"\nbase-url = "http://x"\n')
    assert place.trust().trust is None
    assert not place.store.file.exists()


def test_trust_does_not_reach_what_is_the_persons_alone_or_would_widen(place: Place) -> None:
    place.project(
        '[tool.interpreter]\nmodel = "theirs"\nbase-url = "http://evil"\napi-key-command = "evil"\n'
        'approval = "auto"\nsandbox = "none"\nlimits.turns = 999\nplugins.disable = ["forbidden"]\n'
    )
    config = place.trust().config
    own = Config()
    assert config.model == "theirs"
    assert (config.base_url, config.api_key_command, config.plugins.disable) == (None, "", ())
    assert (config.approval, config.sandbox, config.limits) == (own.approval, own.sandbox, own.limits)


def test_a_change_asks_again_and_shows_what_is_different(place: Place) -> None:
    place.project()
    place.trust()
    place.project(
        '[tool.interpreter]\nmodel = "theirs"\ninstructions = "be evil"\nlanguages.python.command = ["./other"]\n'
    )
    resolution = place.resolve()
    assert resolution.config.model == Config().model
    assert [notice.text for notice in resolution.notices] == [
        "pyproject.toml sets model, instructions, languages.python.command: ignored until you trust this project "
        "again, for it has changed (interpreter trust shows how)"
    ]
    assert place.asked().changes() == [
        ("languages.python.command", '["./python"]', '["./other"]'),
        ("the file python", '"(no such file)"', "(not set)"),
        ("instructions", "(not set)", '"be evil"'),
        ("the file other", "(not set)", '"(no such file)"'),
    ]
    place.project('[tool.interpreter]\nmodel = "theirs"\n')
    assert [(key, new) for key, _old, new in place.asked().changes()] == [
        ("languages.python.command", "(not set)"),
        ("the file python", "(not set)"),
    ]


def test_a_change_elsewhere_in_the_table_asks_again_too(place: Place) -> None:
    place.project()
    place.trust()
    place.project(WANTS + "output.lines = 3\n")
    assert not place.is_trusted()
    assert place.asked().changes() == []


def test_edits_of_other_tables_of_comments_and_of_the_order_do_not_ask_again(place: Place) -> None:
    place.project()
    place.trust()
    place.project(
        '# new\n[project]\nname = "x"\n[tool.interpreter.languages.python]\ncommand = [ # why\n "./python" ]\n'
        "[tool.interpreter]\n\"model\" = 'theirs'\n"
    )
    assert place.is_trusted()


def test_a_change_back_is_trusted_without_another_question(place: Place) -> None:
    place.project()
    place.trust()
    place.project(WANTS.replace("theirs", "other"))
    assert not place.asked().granted
    place.project()
    assert place.is_trusted()


def test_a_plugin_that_came_later_makes_a_setting_that_nobody_was_shown(place: Place) -> None:
    place.project('[tool.interpreter]\nmodel = "theirs"\nplugins.calc.program = "./evil"\n')
    without = {name: declared for name, declared in PLUGINS.items() if name != "calc"}
    assert place.trust(plugins=without).config.model == "theirs"
    with_it = place.resolve()
    assert with_it.config.plugin_settings("calc").program == "bc"
    assert place.asked().changes() == [
        ("plugins.calc.program", "(not set)", '"./evil"'),
        ("the file evil", "(not set)", '"(no such file)"'),
    ]


def test_a_linked_folder_is_the_folder_it_leads_to(place: Place) -> None:
    place.project()
    link = place.home / "link"
    link.symlink_to(place.folder)
    place.trust(link)
    assert place.is_trusted()
    assert place.is_trusted(link)
    assert str(place.asked().file) == os.path.realpath(place.folder / "pyproject.toml")


def test_a_link_to_a_trusted_projects_file_is_not_trusted_in_another_folder(place: Place) -> None:
    place.project()
    place.trust()
    evil = place.home / "evil"
    evil.mkdir()
    (evil / "pyproject.toml").symlink_to(place.folder / "pyproject.toml")
    assert not place.is_trusted(evil)


def test_a_copy_in_another_folder_is_not_trusted(place: Place) -> None:
    place.project()
    place.trust()
    copy = place.home / "copy"
    copy.mkdir()
    place.project(folder=copy)
    assert not place.is_trusted(copy)


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("home", "because your home folder cannot be trusted"),
        (".", "because your home folder lies below it, and cannot be trusted"),
    ],
)
def test_the_home_folder_and_what_is_above_it_cannot_be_trusted(place: Place, where: str, why: str) -> None:
    folder = place.root / where
    place.project(folder=folder)
    resolution = place.trust(folder)
    assert resolution.config.model == Config().model
    assert resolution.notices[0].text.endswith(f"ignored {why}")
    assert not place.store.file.exists()


def test_a_link_to_the_home_folder_cannot_be_trusted_either(place: Place) -> None:
    place.project(folder=place.home)
    link = place.folder / "link"
    link.symlink_to(place.home)
    assert place.trust(link).config.model == Config().model


def test_an_entry_for_the_home_folder_written_by_hand_does_not_count(place: Place) -> None:
    place.project(folder=place.home)
    trust = place.resolve(place.home).trust
    assert trust is not None
    place.store.remember(trust.file, trust.record())
    assert not place.is_trusted(place.home)


def test_isolated_reads_and_trusts_no_project(place: Place) -> None:
    place.project()
    place.trust()
    sources = find_sources(place.folder, environ={}, isolated=True)
    assert sources.trust_file is None
    assert resolve(sources, PLUGINS).config.model == Config().model


# Files that settings name


def test_a_change_of_a_file_that_a_command_names_is_asked_about_and_shown(place: Place) -> None:
    place.project(
        "[tool.interpreter.languages.python]\n"
        'command = ["./start.sh", "--init=sub/../init.py", "/bin/sh", "python3.11"]\n'
        'env = { PYTHONSTARTUP = "hook.py", PATH = "/usr/bin:tools/bin" }\n'
    )
    (place.folder / "start.sh").write_text("exec python3")
    place.trust()
    assert place.asked().granted
    before = place.asked()
    files = [wish for wish in before.wishes if wish.key.startswith("the file ")]
    assert [wish.key.removeprefix("the file ") for wish in files] == ["hook.py", "init.py", "start.sh", "tools/bin"]
    assert [wish.value for wish in files if "no such file" in wish.value] == ['"(no such file)"'] * 3
    assert "languages.python.env names it" in files[0].meaning
    for name in ("start.sh", "hook.py"):
        (place.folder / name).write_text("touch /tmp/x")
        trust = place.asked()
        assert not trust.granted
        assert [key for key, _old, _new in trust.changes()] == [f"the file {name}"]
        place.trust()
        assert place.asked().granted
    (place.folder / "start.sh").unlink()
    (place.folder / "start.sh").symlink_to("hook.py")
    assert place.asked().granted  # the same content
    (place.folder / "other").write_text("no setting names it")
    assert place.asked().granted


def test_a_file_that_cannot_be_read_or_is_a_folder_is_no_trouble(place: Place) -> None:
    place.project('[tool.interpreter.languages.python]\ncommand = ["./sub", "./loop", ".", "", "a\\u0000b", "/"]\n')
    (place.folder / "sub").mkdir()
    (place.folder / "loop").symlink_to("loop")
    place.trust()
    assert place.asked().granted


# The file


def test_only_the_owner_reads_the_file_and_nothing_is_left_beside_it(place: Place) -> None:
    place.project()
    place.trust()
    file = place.store.file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(each.name for each in file.parent.iterdir()) == ["trusted-projects.json", "trusted-projects.lock"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "null",
        "[]",
        '{"version": 2, "projects": {}}',
        '{"version": 1}',
        '{"version": 1, "projects": []}',
        '{"version": 1, "projects": {"a": 1}}',
        '{"version": 1, "projects": {"a": {"digest": 1, "wishes": {}}}}',
        '{"version": 1, "projects": {"a": {"digest": "x", "wishes": {"model": 1}}}}',
        "\ud800",
        "[" * 100_000,
    ],
)
def test_a_damaged_file_trusts_nothing_says_so_and_is_put_aside(place: Place, content: str) -> None:
    place.project()
    place.trust()
    place.store.file.write_text(content, encoding="utf-8", errors="surrogatepass")
    resolution = place.resolve()
    assert resolution.config.model == Config().model
    assert "trusted-projects.json: no project is trusted, for it is damaged" in resolution.notices[0].text
    with pytest.raises(ConfigError, match="damaged"):
        place.store.forget("x")
    assert place.trust().config.model == "theirs"
    assert place.is_trusted()
    aside = place.store.file.with_suffix(".damaged")
    assert aside.read_text(encoding="utf-8", errors="surrogatepass") == content


def test_a_file_that_others_may_write_trusts_nothing(place: Place) -> None:
    place.project()
    place.trust()
    place.store.file.chmod(0o666)
    resolution = place.resolve()
    assert resolution.config.model == Config().model
    assert "others may write it" in resolution.notices[0].text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_does_not_believe_a_file_of_another_user(place: Place) -> None:
    place.project()
    place.trust()
    os.chown(place.store.file, 65534, 65534)
    assert not place.is_trusted()


def test_a_folder_in_the_place_of_the_file_is_a_notice(place: Place) -> None:
    place.project()
    place.store.file.mkdir(parents=True)
    assert "no project is trusted" in place.resolve().notices[0].text


def test_what_cannot_be_kept_counts_this_time_only(place: Place) -> None:
    place.project()
    place.store.file.parent.parent.mkdir(parents=True)
    place.store.file.parent.write_text("a file in the place of the folder")
    resolution = place.trust()
    assert resolution.config.model == "theirs"
    assert "this project is trusted this time only" in resolution.notices[-1].text
    assert not place.is_trusted()


def test_revoking_ends_trust_in_one_project_only(place: Place) -> None:
    other = place.home / "other"
    other.mkdir()
    for folder in (place.folder, other):
        place.project(folder=folder)
        place.trust(folder)
    place.store.forget(str(place.asked().file))
    assert not place.is_trusted()
    assert place.is_trusted(other)


def test_answers_given_at_once_are_all_kept(place: Place) -> None:
    names = [f"/p{number}/pyproject.toml" for number in range(20)]
    with ThreadPoolExecutor(8) as several:
        list(several.map(lambda name: place.store.remember(Path(name), TrustedProject("d", {})), names))
    assert sorted(place.store.read().projects) == sorted(names)


@given(st.dictionaries(st.text(), st.tuples(st.text(), st.dictionaries(st.text(), st.text()))))
def test_what_is_kept_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, projects: dict[str, tuple[str, dict[str, str]]]
) -> None:
    store = TrustStore(tmp_path_factory.mktemp("state") / "trusted.json")
    store._replace({path: TrustedProject(digest, wishes) for path, (digest, wishes) in projects.items()})
    assert {path: (item.digest, item.wishes) for path, item in store.read().projects.items()} == projects


def test_a_table_that_is_nested_too_deeply_is_an_error_and_no_crash(place: Place) -> None:
    deep = ".".join("a" * 20_000)
    place.project(f'[tool.interpreter]\nmodel = "theirs"\nplugins.old.{deep} = 1\n')
    with pytest.raises(ConfigError, match="nested too deeply"):
        place.resolve()


def test_what_is_kept_is_what_was_shown(place: Place) -> None:
    place.project()
    place.trust()
    (record,) = json.loads(place.store.file.read_text())["projects"].values()
    assert record["wishes"] == {wish.key: wish.value for wish in place.asked().wishes}
    assert all(wish.meaning for wish in place.asked().wishes)
