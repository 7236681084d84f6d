"""Fits a list of findings into CloudFormation's few bytes without dropping one. Pure, no calls."""

from __future__ import annotations

import json
from collections.abc import Sequence

_Lines = Sequence[tuple[str, str]]


def size(text: str) -> int:
    """Bytes of the text within JSON, as the answer to CloudFormation carries it."""
    return len(json.dumps(text)) - 2


def fitting(head: str, lines: _Lines, limit_bytes: int, log_name: str) -> str:
    """One text of at most that size: as many lines as possible in full, most important first, the others short.

    Args:
        head: what the text begins with.
        lines: each line in full and in short, the most important first.
        limit_bytes: the longest text, by `size`.
        log_name: where the full list is, for a text that leaves something out.
    """
    for in_full in range(len(lines), -1, -1):
        text = _text(head, lines, in_full, len(lines), log_name)
        if size(text) <= limit_bytes:
            return text
    for findings in range(len(lines) - 1, -1, -1):
        text = _text(head, lines, 0, findings, log_name)
        if size(text) <= limit_bytes:
            return text
    return _cut(_text(head, lines, 0, 0, log_name), limit_bytes)


def _text(head: str, lines: _Lines, in_full: int, findings: int, log_name: str) -> str:
    parts = [full if place < in_full else short for place, (full, short) in enumerate(lines[:findings])]
    numbered = [f"({place}) {part}" for place, part in enumerate(parts, start=1)]
    return ". ".join([head, *numbered, *_left_out(lines, in_full, findings, log_name)])


def _left_out(lines: _Lines, in_full: int, findings: int, log_name: str) -> list[str]:
    where = f"the full list is in {log_name}"
    if findings < len(lines):
        return [f"{findings} of {len(lines)} are named here, {len(lines) - findings} are cut; {where}"]
    if in_full < len(lines):
        return [f"{len(lines) - in_full} of {len(lines)} are shortened; {where}"]
    return []


def _cut(text: str, limit_bytes: int) -> str:
    while size(text) > limit_bytes:
        text = text[:-1]
    return text
