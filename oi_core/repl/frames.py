"""Messages to a language process, as lines that any terminal carries unharmed.

A message is a letter for its kind and a payload, in printable ASCII, cut into lines ``NONCE ID PART MORE``. A canonical
terminal silently cuts a line at 4,095 bytes, so that no part is longer than 3,000. ``MORE`` is ``+`` while lines follow
and ``.`` on the last; the boot text acknowledges the first of several lines with a ``c`` marker, when the terminal no
longer echoes, before the others are sent.
"""

from __future__ import annotations

from base64 import b64encode

LONGEST_PART = 3000


def message_lines(nonce: str, message_id: int, kind: str, payload: str) -> list[bytes]:
    """Return the lines, each with its newline, that carry one message; ``payload`` is ASCII without spaces."""
    text = kind + payload
    parts = [text[at : at + LONGEST_PART] for at in range(0, len(text), LONGEST_PART)]
    last = len(parts) - 1
    return [
        f"{nonce} {message_id} {part} {'.' if i == last else '+'}\n".encode("ascii") for i, part in enumerate(parts)
    ]


def as_base64(text: str) -> str:
    """Return a payload for a boot text that can decode base64; lone surrogates travel as they are."""
    return b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")


def as_octal_escapes(text: str) -> str:
    r"""Return a payload for a boot text with a shell's ``printf '%b'``: everything but plain characters as ``\0ooo``.

    Letters, digits and the harmless punctuation stand for themselves, so that most code grows little.
    """
    return "".join(_OCTAL[byte] for byte in text.encode("utf-8", "surrogatepass"))


_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%+,-./:=@_$(){}[]\"'|&;<>#~^?!")
_OCTAL = tuple(chr(byte) if byte in _PLAIN else f"\\0{byte:03o}" for byte in range(256))
