from __future__ import annotations

import inspect
import typing
from collections.abc import Callable

import pluggy
import pytest

from oi_core import commands, events, executors, hookspecs, messages, model, plugin_api, review, settings
from oi_core.plugin_manager.hook_checks import hook_names

HOOKS = {
    "provide_settings": [],
    "provide_languages": ["config"],
    "provide_models": ["config"],
    "provide_launchers": ["config"],
    "provide_commands": ["config"],
    "review_code": ["block", "policy"],
    "extend_system_message": ["config"],
    "observe_event": ["event"],
}


def function(name: str) -> Callable[..., object]:
    found: Callable[..., object] = getattr(hookspecs, name)
    return found


def test_these_are_the_hooks_and_their_arguments() -> None:
    assert {name: list(inspect.signature(function(name)).parameters) for name in hook_names()} == HOOKS


def test_pluggy_knows_the_same_hooks() -> None:
    manager = pluggy.PluginManager(hookspecs.PROJECT_NAME)
    manager.add_hookspecs(hookspecs)
    assert {name for name in vars(manager.hook) if not name.startswith("_")} == set(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_no_hook_takes_the_first_result_or_depends_on_an_order(name: str) -> None:
    manager = pluggy.PluginManager(hookspecs.PROJECT_NAME)
    manager.add_hookspecs(hookspecs)
    spec = getattr(manager.hook, name).spec
    assert not spec.opts["firstresult"]
    assert not spec.opts["historic"]


@pytest.mark.parametrize("name", HOOKS)
def test_every_type_in_a_signature_can_be_had_from_the_one_door(name: str) -> None:
    modules = (commands, events, executors, messages, model, review, settings)
    names = {key: value for module in modules for key, value in vars(module).items()}
    hints = typing.get_type_hints(function(name), globalns={**names, **vars(hookspecs)})
    assert set(hints) == {*HOOKS[name], "return"}
    words = set(" ".join(map(str, function(name).__annotations__.values())).replace("[", " ").replace("]", " ").split())
    ours = {word for word in words if word in names and getattr(names[word], "__module__", "").startswith("oi_core")}
    assert ours <= set(plugin_api.__all__)


def test_the_marker_for_implementations_is_the_one_that_plugin_authors_import() -> None:
    assert plugin_api.hookimpl is hookspecs.hookimpl
    assert hookspecs.hookimpl.project_name == hookspecs.PROJECT_NAME
