"""Findings: what was observed, what was expected, and the fix. Pure, no calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from geuse_efs_waiter.adoption.checks import report
from geuse_efs_waiter.adoption.finding_codes import CODES, SEVERITIES, Severity

_ORDER = {code: place for place, code in enumerate(CODES)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that differs from the desired state.

    Attributes:
        code: one of `finding_codes.CODES`.
        severity: the severity in force.
        resource: the id of the resource, or the name of an AZ.
        actual, expected: what was observed and what was expected, for people.
        fix: what to do, as a command to the reader.
    """

    code: str
    severity: Severity
    resource: str
    actual: str
    expected: str
    fix: str

    @property
    def line(self) -> str:
        """Everything in one line."""
        return f"{self.short}: {self.actual}; expected {self.expected}; fix: {self.fix}"

    @property
    def short(self) -> str:
        """The severity, the code and the resource."""
        return f"{self.severity} {self.code} {self.resource}"


def found(code: str, resource: str, *, actual: str, expected: str, fix: str = "", **details: str) -> Finding:
    """A finding with the default severity of its code.

    Args:
        code: one of `finding_codes.CODES`.
        resource: the id of the resource, or the name of an AZ.
        actual, expected: what was observed and what was expected.
        fix: what to do, where it differs from the fix of the code.
        details: what the fix of the code leaves open, by name.
    """
    known = CODES[code]
    return Finding(code, known.severity, resource, actual, expected, fix or known.fix.format(**details))


@dataclass(frozen=True, slots=True)
class Findings:
    """All findings of one observation: errors first, then in the order of `finding_codes.CODES`, then by resource."""

    file_system_id: str
    all: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, file_system_id: str, given: Iterable[Finding], severities: Mapping[str, Severity]) -> Findings:
        """Put the user's severities in force, drop what is off, drop repetitions, and sort."""
        rated = {replace(item, severity=severities.get(item.code, item.severity)) for item in given}
        findings = [finding for finding in rated if finding.severity != "off"]
        return cls(file_system_id, tuple(sorted(findings, key=_place)))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Those that fail the deployment."""
        return tuple(finding for finding in self.all if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Those that are only reported."""
        return tuple(finding for finding in self.all if finding.severity == "warning")

    def reason(self, limit_bytes: int, log_name: str) -> str:
        """All findings in one text, for the reason of a failed deployment.

        Args:
            limit_bytes: the longest text, in bytes of JSON as CloudFormation receives it (so é counts 6).
            log_name: where the full list is.
        """
        head = f"file system {self.file_system_id} cannot be adopted: {self.count}"
        return report.fitting(head, [(finding.line, finding.short) for finding in self.all], limit_bytes, log_name)

    def warning(self, limit_bytes: int, log_name: str) -> str:
        """The warnings in one text, for an attribute; empty without warnings. Arguments as in `reason`."""
        if not self.warnings:
            return ""
        lines = [(finding.line, finding.short) for finding in self.warnings]
        return report.fitting(_counted(len(lines), "warning"), lines, limit_bytes, log_name)

    @property
    def count(self) -> str:
        """How many there are, in words."""
        return f"{_counted(len(self.errors), 'error')}, {_counted(len(self.warnings), 'warning')}"

    def table(self) -> list[str]:
        """One line a finding, for the log."""
        widths = [
            max((len(getattr(finding, name)) for finding in self.all), default=0) for name in ("code", "resource")
        ]
        return [
            f"{finding.severity:7}  {finding.code:{widths[0]}}  {finding.resource:{widths[1]}}  actual: {finding.actual}; "
            f"expected: {finding.expected}; fix: {finding.fix}"
            for finding in self.all
        ]


def _place(finding: Finding) -> tuple[int, int, str, str]:
    return SEVERITIES.index(finding.severity), _ORDER[finding.code], finding.resource, finding.actual


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
