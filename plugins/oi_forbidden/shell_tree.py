"""The syntax tree of shell source, by tree-sitter, which is imported when the first shell code comes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from oi_forbidden.names import words

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree

WORD_TYPES: Final = words(
    """
    word string raw_string ansi_c_string translated_string concatenation simple_expansion expansion
    command_substitution process_substitution arithmetic_expansion brace_expression number command_name regex
    extglob_pattern variable_name string_content special_variable_name test_operator
    """
)
"""Nodes that are a word, or a part of one; punctuation between them without blanks is part of the word too."""


_AS_A_SHELL_READS: Final = bytes(range(0x80)) + b"\x01" * 0x80
"""To a shell, every byte beyond ASCII is a part of a word that is none of a name; the grammar's scanner looks such
characters up in tables that are too short for them, and takes the whole program down."""


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def parse_shell(source: bytes) -> Tree:
    """Return the tree of a source; what makes no sense in it is in nodes of the type ``ERROR``.

    The bytes of a node are to be taken from the source: those of the tree are not the source's beyond ASCII.
    """
    return _parser().parse(source.translate(_AS_A_SHELL_READS))


def text_of(node: Node, source: bytes) -> str:
    """Return the source of a node."""
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def raw_words(nodes: list[Node], source: bytes) -> Iterator[str]:
    """Yield the raw words that nodes side by side make: what no blank divides is one word."""
    start = end = -1
    for node in nodes:
        if node.start_byte == node.end_byte:
            continue
        if node.start_byte != end:
            if end > start >= 0:
                yield source[start:end].decode("utf-8", "replace")
            start = node.start_byte
        end = node.end_byte
    if end > start >= 0:
        yield source[start:end].decode("utf-8", "replace")


def listed(node: Node) -> list[Node]:
    """Return the parts of ``a && b || c`` and of statements, whose tree leans to the left, in order."""
    parts: list[Node] = []
    pending = [node]
    while pending:
        node = pending.pop()
        if node.type == "list":
            pending += reversed(node.children)
        else:
            parts.append(node)
    return parts
