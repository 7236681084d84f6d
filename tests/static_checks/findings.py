"""What a checker finds, what is accepted of it, and what that leaves to complain about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

ACCEPTED_FILE = "tests/static_checks/accepted.py"


class Finding(NamedTuple):
    """One thing that one checker dislikes about one resource.

    Attributes:
        rule: as the checker names it; cdk-nag adds details in brackets.
        resource: its construct path, ``<stack>/<construct ids>``; of a package, its requirement.
        text: what is wrong, in the checker's words.
    """

    rule: str
    resource: str
    text: str


class Accepted(NamedTuple):
    """Findings that are right as they are.

    Attributes:
        rules: by checker. Different checkers ask for the same thing, and one reason answers them all.
        where: construct paths; ``*`` stands for any text. Each rule must occur at each, so that nothing is accepted that
            is not there.
        reason: why it is not fixed.
    """

    rules: Mapping[str, Sequence[str]]
    where: Sequence[str]
    reason: str


def complaints(
    checker: str,
    findings: Iterable[Finding],
    accepted: Sequence[Accepted],
    remedy: str = "fix it in constructs/ or stacks/",
) -> list[str]:
    """What fails the gate, as sentences: findings that nobody accepted, then accepted ones that do not occur."""
    known = [
        (rule, where, one.reason) for one in accepted for rule in one.rules.get(checker, ()) for where in one.where
    ]
    seen: set[tuple[str, str]] = set()
    new: dict[Finding, None] = {}
    for finding in findings:
        matching = {(rule, where) for rule, where, _ in known if rule == finding.rule and _at(where, finding)}
        seen |= matching
        if not matching:
            new[finding] = None
    return [*_unknown(checker, new, remedy), *_gone(checker, known, seen)]


def _at(where: str, finding: Finding) -> bool:
    return fnmatchcase(finding.resource, where)


def _unknown(checker: str, new: Iterable[Finding], remedy: str) -> Iterator[str]:
    for rule, resource, text in sorted(new):
        yield (
            f"{checker} {rule} at {resource}: {' '.join(text.split())}; {remedy}, or add to "
            f"{ACCEPTED_FILE}: Accepted({{{checker!r}: ({rule!r},)}}, ({resource!r},), 'why')"
        )


def _gone(checker: str, known: Iterable[tuple[str, str, str]], seen: set[tuple[str, str]]) -> Iterator[str]:
    for rule, where, reason in known:
        if (rule, where) not in seen:
            yield f"{checker} {rule} no longer occurs at {where}; remove it from {ACCEPTED_FILE} ({reason})"
