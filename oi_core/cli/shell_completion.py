"""Completion scripts for shells: made from the commands and options there are; Tab asks only for what may change."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from oi_core.cli.completion_words import ASKED_BY, Words
from oi_core.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEADS: Final = {
    "bash": '# interpreter: completion for bash · eval "$(interpreter completion bash)" in ~/.bashrc',
    "zsh": '#compdef interpreter\n# for zsh · eval "$(interpreter completion zsh)" in ~/.zshrc',
    "fish": "# interpreter: completion for fish · interpreter completion fish | source in ~/.config/fish/config.fish",
}

_BASH: Final = """\
_interpreter_words() {{
  command interpreter completion bash --words "$1" 2>/dev/null </dev/null | cut -f 1
}}
_interpreter_complete() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} path= each
  COMPREPLY=()
  case $before in
{values}
  esac
  for each in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$path/$each" in
{paths}
    esac
  done
  case $path in
{words}
  esac
}}
complete -o bashdefault -o default -F _interpreter_complete interpreter
"""

_ZSH: Final = """\
_interpreter_words() {{
  found=("${{(@f)$(command interpreter completion zsh --words $1 2>/dev/null </dev/null)}}")
  found=("${{(@)found/$'\\t'/:}}")
  found=(${{found:#}})
  _describe -V -t $1 $1 found
}}
_interpreter() {{
  local at= each
  local -a found
  case ${{words[CURRENT-1]}} in
{values}
  esac
  for each in "${{(@)words[2,CURRENT-1]}}"; do
    case "$at/$each" in
{paths}
    esac
  done
  if [[ ${{words[CURRENT]}} == -* ]]; then
    compadd -- {options}
    return
  fi
  case $at in
{words}
  esac
  (( ${{#found}} )) && _describe -t commands command found
  _files
}}
if [[ ${{funcstack[1]}} == _interpreter ]]; then
  _interpreter "$@"
else
  (( ${{+functions[compdef]}} )) || {{ autoload -Uz compinit && compinit }}
  compdef _interpreter interpreter
fi
"""


_FISH_WORDS: Final = "(command interpreter completion fish --words {} 2>/dev/null </dev/null)"


def write_completion(shell: str, command: click.Command, subcommands: click.Group) -> int:
    """Write the script for ``bash``, ``zsh`` or ``fish``."""
    options = [each for each in command.params if isinstance(each, click.Option)]
    tree = dict(_tree(subcommands))
    body = {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](options, tree)
    sys.stdout.write(f"{HEADS[shell]}\n{body}")
    return ExitCode.DONE


Tree = dict[str, dict[str, str]]
"""For each path, ``""`` or ``"/config"``, the commands below it with what they do."""


def _tree(group: click.Group, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    yield path, {name: each.get_short_help_str(60) for name, each in sorted(group.commands.items())}
    for name, each in group.commands.items():
        if isinstance(each, click.Group):
            yield from _tree(each, f"{path}/{name}")
        else:
            yield f"{path}/{name}", dict.fromkeys(_choices_of_arguments(each), "")


def _choices_of_arguments(command: click.Command) -> list[str]:
    kinds = [each.type for each in command.params if isinstance(each, click.Argument)]
    return [str(choice) for kind in kinds if isinstance(kind, click.Choice) for choice in kind.choices]


def _names(options: list[click.Option]) -> str:
    return " ".join(name for each in options for name in each.opts) + " --help"


def _bash(options: list[click.Option], tree: Tree) -> str:
    values = []
    for each in options:
        if each.is_flag:
            continue
        taken = '"$(_interpreter_words sessions)"' if _takes_session(each) else f'"{_choices(each)}"'
        reply = f'COMPREPLY=($(compgen -W {taken} -- "$word")); ' if taken != '""' else ""
        guard = "[[ $word == -* ]] || { " if _takes_session(each) else ""
        values.append(f"    {'|'.join(each.opts)}) {guard}{reply}return{'; }' if guard else ''} ;;")
    words = [f"""    "{path}") {_bash_reply(path, below, _names(options))} ;;""" for path, below in tree.items()]
    return _BASH.format(values="\n".join(values), paths=_paths(tree, "path"), words="\n".join(words))


def _bash_reply(path: str, below: Mapping[str, str], options: str) -> str:
    reply = f"""COMPREPLY=($(compgen -W "{" ".join([*below, options])}" -- "$word"))"""
    if path not in ASKED_BY:
        return reply
    asked = f"""COMPREPLY=($(compgen -W "$(_interpreter_words {ASKED_BY[path]})" -- "$word"))"""
    return f"if [[ $word == -* ]]; then {reply}; elif {_is_first(path, '$before')}; then {asked}; fi"


def _is_first(path: str, before: str) -> str:
    """Return the test for whether the first argument is written; to ``sessions rm``, every one is like the first."""
    name = path.rpartition("/")[2]
    return "true" if name == "rm" else f"[[ {before} == {name} || {before} == -* ]]"


def _takes_session(option: click.Option) -> bool:
    return option.name == "resume"


def _zsh(options: list[click.Option], tree: Tree) -> str:
    values = []
    for each in options:
        if each.is_flag:
            continue
        takes_file = isinstance(each.type, click.Path)
        reply = f"compadd -- {_choices(each)}; " if _choices(each) else "_files; " if takes_file else ""
        if _takes_session(each):
            reply = "_interpreter_words sessions; "
        guard = "[[ ${words[CURRENT]} == -* ]] || " if _takes_session(each) else ""
        values.append(f"    {'|'.join(each.opts)}) {guard}{{ {reply}return }} ;;")
    words = [f"    '{path}') {_zsh_reply(path, below)} ;;" for path, below in tree.items()]
    return _ZSH.format(
        values="\n".join(values), paths=_paths(tree, "at"), options=_names(options), words="\n".join(words)
    )


def _zsh_reply(path: str, below: Mapping[str, str]) -> str:
    if path not in ASKED_BY:
        return f"found=({' '.join(map(_described, below.items()))})"
    return f"{_is_first(path, '${words[CURRENT-1]}')} && {{ _interpreter_words {ASKED_BY[path]}; return }}"


def _fish(options: list[click.Option], tree: Tree) -> str:
    lines = []
    for each in options:
        names = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in each.opts)
        if _takes_session(each):
            names += f" -x -a '{_FISH_WORDS.format(Words.SESSIONS)}'"
        elif _choices(each):
            names += f" -x -a '{_choices(each)}'"
        elif not each.is_flag:
            names += " -r" if isinstance(each.type, click.Path) else " -x"
        lines.append(f"complete -c interpreter {names}")
    for path, below in tree.items():
        *_, last = path.split("/")
        not_yet = f"not __fish_seen_subcommand_from {' '.join(below)}"
        here = f"__fish_seen_subcommand_from {last}; and {not_yet}" if last else "__fish_use_subcommand"
        for name, help_line in below.items():
            lines.append(f"complete -c interpreter -n '{here}' -a {name} -d {_quoted(help_line)}")
    for path, kind in ASKED_BY.items():
        _, group, name = path.split("/")
        here = f"__fish_seen_subcommand_from {group}; and __fish_seen_subcommand_from {name}"
        lines.append(f"complete -c interpreter -n '{here}' -x -k -a '{_FISH_WORDS.format(kind)}'")
    return "\n".join(lines) + "\n"


def _choices(option: click.Option) -> str:
    return " ".join(map(str, option.type.choices)) if isinstance(option.type, click.Choice) else ""


def _paths(tree: Mapping[str, object], variable: str) -> str:
    return "\n".join(f"      {path}) {variable}={path} ;;" for path in tree if path)


def _described(entry: tuple[str, str]) -> str:
    name, help_line = entry
    return _quoted(f"{name}:{help_line}" if help_line else name)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
