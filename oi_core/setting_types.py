"""The types a setting can have: what each expects, how a value is read into it, and how plain text is."""

from __future__ import annotations

import collections.abc
import math
import re
import types
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from oi_core.errors import ConfigError
from oi_core.printed.untrusted_text import neutralise_line

if TYPE_CHECKING:
    from oi_core.toml_files.positions import KeyPath

_SCALARS: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a string",
    Path: "a path (a string)",
}
_SEQUENCES: Mapping[type, Callable[[Sequence[Any]], object]] = {
    tuple: tuple,
    list: list,
    frozenset: frozenset,
    collections.abc.Sequence: tuple,
}
_MAPPINGS = (dict, collections.abc.Mapping)
_YES = ("true", "yes", "on", "1")
_NO = ("false", "no", "off", "0")
_FOUND_LIMIT = 60


class Unfit(Exception):
    """A value that is not what its setting expects, told by a check; ``where`` leads to the part that is wrong."""

    def __init__(self, expected: str, value: object, where: KeyPath = (), choices: Sequence[str] = ()) -> None:
        super().__init__(f"expects {expected}, found {found(value)}")
        self.expected = expected
        self.value = value
        self.where = where
        self.choices = choices


def expectation(annotation: Any) -> str:  # Any: a type, or what typing makes of one
    """Return in words what a value of this type is: "a whole number", "a list of strings".

    Raises:
        ConfigError: no file can give a value of this type.
    """
    annotation = plain(annotation)
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    choices = choices_of(annotation)
    if choices:
        return "one of " + ", ".join(f'"{choice}"' if isinstance(choice, str) else str(choice) for choice in choices)
    if is_union(annotation):
        return " or ".join(dict.fromkeys(map(expectation, members_of(annotation))))
    element = element_of(annotation)
    if element is not None:
        return f"a list of {_plural(element)}"
    value = mapped_of(annotation)
    if value is not None:
        return f"a table of {_plural(value)}"
    raise ConfigError(f"a setting cannot be of type {annotation!r}")


def convert(value: object, annotation: Any, base: Path) -> object:
    """Return ``value``, as TOML or a Python program gives it, as a value of the type ``annotation``.

    A path is taken from the folder ``base`` and may begin with ``~``.

    Raises:
        Unfit: it is something else.
    """
    annotation = plain(annotation)
    if choices_of(annotation):
        return _choice(value, annotation)
    if is_union(annotation):
        return _first_fit(value, annotation, base)
    element = element_of(annotation)
    if element is not None:
        return _sequence(value, annotation, element, base)
    mapped = mapped_of(annotation)
    if mapped is not None:
        return _mapping(value, annotation, mapped, base)
    return _scalar(value, annotation, base)


def from_text(text: str, annotation: Any) -> object:
    """Return what ``text``, the value of an environment variable, means for a setting of this type, still unchecked.

    Strings, paths and choices stand as they are; ``true``, ``yes``, ``on`` and ``1`` are true; a list is written as in
    TOML, and a single word is a list of one; a table is written as in TOML.
    """
    annotation = plain(annotation)
    if is_union(annotation):
        kinds = members_of(annotation)
        return text if str in kinds else from_text(text, kinds[0])
    if annotation is bool:
        word = text.strip().lower()
        return True if word in _YES else False if word in _NO else text
    if annotation in (int, float):
        return _number(text, annotation)
    if element_of(annotation) is not None and re.fullmatch(r"[\w./+#-]+", text.strip()):
        return [text.strip()]
    if element_of(annotation) is not None or mapped_of(annotation) is not None:
        return toml_value(text)
    return text


def toml_value(text: str) -> object:
    """Return ``text`` read as a TOML value, or itself when it is none: ``-o model=NAME`` needs no quotes."""
    import tomllib

    try:
        values = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return values["value"] if len(values) == 1 else text


def found(value: object) -> str:
    """Return a value as it is named in a message: what it is, shortened, and its kind."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        text = neutralise_line(value)
        return f'"{text[:_FOUND_LIMIT]}…"' if len(text) > _FOUND_LIMIT else f'"{text}"'
    if isinstance(value, int | float):
        return repr(value) if isinstance(value, float) else _digits(value)
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, Sequence):
        return "a list"
    return f"a {type(value).__name__}"


def plain(annotation: Any) -> Any:
    """Return the type without ``Annotated``, and ``X | None`` as ``X``: no file can say None."""
    if get_origin(annotation) is Annotated:
        return plain(get_args(annotation)[0])
    if is_union(annotation) and len(members_of(annotation)) == 1:
        return plain(members_of(annotation)[0])
    return annotation


def is_union(annotation: Any) -> bool:
    """Whether this is ``X | Y`` in one of its spellings."""
    return get_origin(annotation) in (Union, types.UnionType)


def members_of(annotation: Any) -> list[Any]:
    """Return the members of a union, without None."""
    return [member for member in get_args(annotation) if member is not type(None)]


def choices_of(annotation: Any) -> list[str | int]:
    """Return the values that an enumeration or a ``Literal`` allows; nothing for other types."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [member.value for member in annotation]
    return []


def element_of(annotation: Any) -> Any:
    """Return the type of a list's elements, or None when this is not a list: ``str`` for ``tuple[str, ...]``."""
    arguments = get_args(annotation)
    origin = get_origin(annotation)
    if origin not in _SEQUENCES or len(arguments) != (2 if origin is tuple else 1):
        return None
    return arguments[0] if origin is not tuple or arguments[1] is Ellipsis else None


def mapped_of(annotation: Any) -> Any:
    """Return the type of a table's values, or None when this is not a table with string keys."""
    arguments = get_args(annotation)
    return arguments[1] if get_origin(annotation) in _MAPPINGS and arguments[0] is str else None


def _plural(annotation: Any) -> str:
    names = {str: "strings", int: "whole numbers", float: "numbers", bool: "true or false", Path: "paths (strings)"}
    return names.get(plain(annotation)) or f"values, each {expectation(annotation)}"


def _choice(value: object, annotation: Any) -> object:
    if isinstance(annotation, type) and isinstance(value, annotation):
        return value
    choices = choices_of(annotation)
    for choice in choices:
        if type(choice) is type(value) and choice == value:
            return annotation(choice) if isinstance(annotation, type) else choice
    raise Unfit(expectation(annotation), value, choices=[choice for choice in choices if isinstance(choice, str)])


def _first_fit(value: object, annotation: Any, base: Path) -> object:
    misfits: list[Unfit] = []
    for member in members_of(annotation):
        try:
            return convert(value, member, base)
        except Unfit as unfit:
            misfits.append(unfit)
    raise Unfit(expectation(annotation), value, choices=[choice for unfit in misfits for choice in unfit.choices])


def _sequence(value: object, annotation: Any, element: Any, base: Path) -> object:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence | frozenset | set):
        raise Unfit(expectation(annotation), value)
    return _SEQUENCES[get_origin(annotation)](_each(enumerate(value), annotation, element, base))


def _mapping(value: object, annotation: Any, mapped: Any, base: Path) -> object:
    if not isinstance(value, Mapping):
        raise Unfit(expectation(annotation), value)
    return dict(zip(value, _each(value.items(), annotation, mapped, base), strict=True))


def _each(items: Any, annotation: Any, kind: Any, base: Path) -> list[object]:
    converted = []
    for place, value in items:
        try:
            converted.append(convert(value, kind, base))
        except Unfit as unfit:
            raise Unfit(expectation(annotation), unfit.value, (place, *unfit.where), unfit.choices) from None
    return converted


def _scalar(value: object, annotation: Any, base: Path) -> object:
    match annotation, value:
        case (builtin, bool()) if builtin is not bool:
            pass
        case (builtin, bool() | int() | str()) if builtin is not Path and isinstance(value, builtin):
            return value
        case (builtin, int() | float()) if builtin is float and _is_finite(value):
            return float(value)
        case (builtin, str() | Path()) if builtin is Path:
            return base / _expanded(value)
    raise Unfit(_SCALARS[annotation], value)


def _expanded(value: str | Path) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise Unfit("the path of a user there is", str(value)) from None


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


def _number(text: str, kind: Callable[[str], object]) -> object:
    try:
        return kind(text)
    except ValueError:
        return text


def _digits(number: int) -> str:
    return str(number) if abs(number) < 10**18 else "a number too large"
