"""Text for a terminal: lines that fit, colours and progress where there is a terminal. Standard library only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_COLUMNS, _MIN_COLUMNS, _MAX_COLUMNS = 80, 40, 100
_SEPARATORS = ":/,="
_STYLES = {"error": "1;31", "warning": "33", "heading": "1"}
_CLEAR_LINE = "\r\x1b[2K"


def columns_of(stream: TextIO) -> int:
    """How wide text is laid out: COLUMNS, else as the terminal is, within bounds; 80 columns where there is none."""
    given = os.environ.get("COLUMNS", "")
    columns = int(given) if given.isdecimal() else 0
    if not columns:
        # A terminal that does not know its size says 0; what is no terminal raises.
        with suppress(OSError, ValueError):
            columns = os.get_terminal_size(stream.fileno()).columns
    return max(_MIN_COLUMNS, min(_MAX_COLUMNS, columns or _COLUMNS))


def fold(head: str, text: str, columns: int, *, indent: int) -> list[str]:
    """Lines of at most that many columns, broken between words, so that ids stay whole.

    Args:
        head: what the first line begins with, blanks included.
        text: the words.
        columns: the width.
        indent: where the other lines begin. A word that is too long for that begins further to the left; one that is
            longer than a whole line, as some ARNs are, is broken after a separator.
    """
    lines, line, gap = [], head, ""
    for word in printable(text).split():
        for number, piece in enumerate(_pieces(word, columns)):
            if number or len(line) + len(gap) + len(piece) > columns:
                lines.append(line.rstrip())
                line, gap = " " * min(indent, columns - len(piece)), ""
            line, gap = line + gap + piece, " "
    return [each for each in (*lines, line.rstrip()) if each]


def _pieces(word: str, room: int) -> Iterator[str]:
    while len(word) > room:
        end = max(word.rfind(separator, 0, room) for separator in _SEPARATORS) + 1 or room
        yield word[:end]
        word = word[end:]
    yield word


def printable(text: str) -> str:
    """The text without what would control the terminal: policies and arguments are written by others."""
    return "".join(character if character.isprintable() else "?" for character in " ".join(text.split()))


def styled(text: str, style: str, stream: TextIO) -> str:
    """The text in the colour of a severity or as a heading, if the stream shows colours.

    NO_COLOR and FORCE_COLOR are honoured (https://no-color.org, https://force-color.org).
    """
    if os.environ.get("NO_COLOR") or not (_understands_escapes(stream) or os.environ.get("FORCE_COLOR")):
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done in one line of stderr, and clear it at the end; nothing where stderr is no terminal."""
    if not _understands_escapes(sys.stderr):
        yield lambda _step: None
        return

    shown = False

    def show(step: str) -> None:
        nonlocal shown
        shown = True
        line = printable(f"{title}: {step}")[: columns_of(sys.stderr) - 1]
        sys.stderr.write(f"{_CLEAR_LINE}{line}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        if shown:
            sys.stderr.write(_CLEAR_LINE)
            sys.stderr.flush()


def _understands_escapes(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"
