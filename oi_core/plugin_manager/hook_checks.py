"""Whether a plugin's hook implementations fit the hooks there are, found out before any of them is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Final

import pluggy

from oi_core import hookspecs
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.validate import nearest

if TYPE_CHECKING:
    from pluggy import HookimplOpts

REVIEW = "review_code"
HOOKABLE: Final = (FunctionType, MethodType, staticmethod, classmethod)
"""What pluggy takes for an implementation when it is marked as one."""
NO_REVIEW = "; it meant to review code, and does not"


class HookManager(pluggy.PluginManager):
    """Passes over what stands in a module and cannot be an implementation: pluggy looks at each name closely, twice."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> HookimplOpts | None:
        """Return how an attribute of a plugin is marked; None where it is no implementation."""
        if type(plugin) is ModuleType and not isinstance(vars(plugin).get(name), HOOKABLE):
            return None
        return super().parse_hookimpl_opts(plugin, name)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a plugin cannot be used."""

    text: str = ""
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class _Marked:
    """A function that a plugin marked as a hook implementation."""

    name: str
    hook: str
    wraps: bool
    optional: bool


def refusal(manager: pluggy.PluginManager, plugin: object) -> Refusal | None:
    """Return why this object cannot be a plugin, or None when it can."""
    if isinstance(plugin, type):
        return Refusal(f"the entry point is the class {plugin.__name__}: name a module, or an instance")
    try:
        marked = list(_marked(manager, plugin))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  (a stranger's object may do anything when it is looked at)
        return Refusal(error=error)
    hooks = hook_names()
    for function in marked:
        unknown = function.hook not in hooks
        if function.wraps:
            return Refusal(f"{function.name} is a hook wrapper, and those are refused{_review_lost(function.hook)}")
        if unknown and not function.optional:
            name = neutralise_line(function.hook)
            return Refusal(f"there is no hook {name}{nearest(name, hooks)}{_review_lost(function.hook)}")
    return None


def hooks_of(manager: pluggy.PluginManager, plugin: object) -> tuple[str, ...]:
    """Return the names of the hooks that a registered plugin implements."""
    callers = manager.get_hookcallers(plugin) or []
    return tuple(sorted(caller.name for caller in callers if caller.name in hook_names()))


def hook_names() -> list[str]:
    """Return the names of all hooks."""
    return [name for name, value in vars(hookspecs).items() if hasattr(value, f"{hookspecs.PROJECT_NAME}_spec")]


def _marked(manager: pluggy.PluginManager, plugin: object) -> Iterator[_Marked]:
    for name in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, name)
        if options is not None:
            wraps = bool(options.get("wrapper") or options.get("hookwrapper"))
            hook = options.get("specname") or name
            yield _Marked(name, hook, wraps, bool(options.get("optionalhook")))


def _review_lost(hook: str) -> str:
    return NO_REVIEW if hook == REVIEW or REVIEW in nearest(hook, hook_names()) else ""
