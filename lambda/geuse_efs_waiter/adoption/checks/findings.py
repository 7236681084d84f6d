"""Findings: what was seen, what was expected, and the fix. Pure, no calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from geuse_efs_waiter.adoption.checks import report
from geuse_efs_waiter.adoption.finding_codes import CODES, SEVERITIES, Severity

_ORDER = {code: place for place, code in enumerate(CODES)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that differs from the wish.

    Attributes:
        code: one of `codes.CODES`.
        severity: the severity in force.
        resource: the id of what to look at, or the name of an AZ.
        seen, expected: in words.
        fix: what to do, as a command to the reader.
    """

    code: str
    severity: Severity
    resource: str
    seen: str
    expected: str
    fix: str

    @property
    def line(self) -> str:
        """Everything in one line."""
        return f"{self.short}: {self.seen}; expected {self.expected}; fix: {self.fix}"

    @property
    def short(self) -> str:
        """The severity, the code and the resource."""
        return f"{self.severity} {self.code} {self.resource}"


def found(code: str, resource: str, *, seen: str, expected: str, fix: str) -> Finding:
    """A finding with the default severity of its code."""
    return Finding(code, CODES[code].severity, resource, seen, expected, fix)


@dataclass(frozen=True, slots=True)
class Findings:
    """All findings of one look: errors first, then in the order of `codes.CODES`, then by resource."""

    file_system_id: str
    all: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, file_system_id: str, given: Iterable[Finding], severities: Mapping[str, Severity]) -> Findings:
        """Put the user's severities in force, drop what is off, drop repetitions, and sort."""
        rated = {replace(one, severity=severities.get(one.code, one.severity)) for one in given}
        told = [one for one in rated if one.severity != "off"]
        return cls(file_system_id, tuple(sorted(told, key=_place)))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Those that fail the deployment."""
        return tuple(one for one in self.all if one.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Those that are only told."""
        return tuple(one for one in self.all if one.severity == "warning")

    def reason(self, limit_bytes: int, log_name: str) -> str:
        """All findings in one text, for the reason of a failed deployment.

        Args:
            limit_bytes: the longest text, in bytes of JSON as CloudFormation receives it (so é counts 6).
            log_name: where the full list is.
        """
        head = f"file system {self.file_system_id} cannot be adopted as wished: {self.count}"
        return report.fitting(head, [(one.line, one.short) for one in self.all], limit_bytes, log_name)

    def warning(self, limit_bytes: int, log_name: str) -> str:
        """The warnings in one text, for an attribute; empty without warnings. Arguments as in `reason`."""
        if not self.warnings:
            return ""
        lines = [(one.line, one.short) for one in self.warnings]
        return report.fitting(_counted(len(lines), "warning"), lines, limit_bytes, log_name)

    @property
    def count(self) -> str:
        """How many there are, in words."""
        return f"{_counted(len(self.errors), 'error')}, {_counted(len(self.warnings), 'warning')}"

    def table(self) -> list[str]:
        """One line a finding, for the log."""
        widths = [max((len(getattr(one, name)) for one in self.all), default=0) for name in ("code", "resource")]
        return [
            f"{one.severity:7}  {one.code:{widths[0]}}  {one.resource:{widths[1]}}  seen: {one.seen}; "
            f"expected: {one.expected}; fix: {one.fix}"
            for one in self.all
        ]


def _place(one: Finding) -> tuple[int, int, str, str]:
    return SEVERITIES.index(one.severity), _ORDER[one.code], one.resource, one.seen


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
