"""What the command prints for people: blocks that fit 80 columns, with whole ids."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geuse_efs_check.report import Report
from geuse_efs_check.terminal import fold
from geuse_efs_waiter.adoption.checks.evaluate import CheckResult, evaluate
from geuse_efs_waiter.adoption.checks.findings import Finding, Findings
from geuse_efs_waiter.adoption.checks.observed import Unread
from tests.adoption.builders import (
    ACCOUNT,
    FS,
    KEY,
    NFS,
    REGION,
    A,
    B,
    adopted,
    also,
    desired,
    file_system,
    observed,
    policy,
    target,
    targets,
)
from tests.adoption.builders import statement as policy_statement
from tests.adoption.case import Case
from tests.adoption.test_adoption_cases import CASES

ID = re.compile(r"\b(fs|fsmt|fsap|subnet|sg|vpc|pl)-[0-9a-z]+\b")


@pytest.fixture(autouse=True)
def _80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")


def report(*changes: object, **wanted: object) -> Report:
    spec, seen = desired(**wanted), observed(*changes)  # type: ignore[arg-type]
    return Report(spec, seen, evaluate(spec, seen))


def test_without_findings_it_shows_the_mount_targets_and_what_would_be_created() -> None:
    assert report(kms_key_arn=KEY).as_text().splitlines() == [
        f"File system {FS} in {REGION}, account {ACCOUNT}",
        "",
        "Mount targets",
        f"  {A}  fsmt-a (available)",
        f"  {B}  fsmt-b (available)",
        "  us-east-1c  to be created in subnet-c1",
        "",
        "0 errors, 0 warnings: an adoption would create 1 mount target",
    ]


def test_a_finding_is_a_block_and_errors_come_first() -> None:
    text = report(file_system(encrypted=False), also(backup="DISABLED"), kms_key_arn=KEY).as_text()
    assert text.splitlines()[2:13] == [
        f"error encryption-off: {FS}",
        "  actual    not encrypted",
        "  expected  encrypted",
        "  fix       encryption cannot be changed: copy the data to a new file system, or",
        "            correct the expectation",
        "",
        f"warning backup-off: {FS}",
        "  actual    backup policy DISABLED",
        "  expected  ENABLED",
        "  fix       turn automatic backups on, or back it up in another way and set this",
        "            finding to off",
    ]
    assert text.endswith("1 error, 1 warning: an adoption would fail")


def test_what_was_not_checked_is_a_section_with_the_action_to_allow() -> None:
    unread = also(backup=None, unread=(Unread(FS, "backup policy", "AccessDeniedException"),))
    text = report(unread, vpc_id=None, clients=()).as_text()
    assert text.split("\n\n")[-2].splitlines() == [
        "Not checked",
        "  the VPC of the mount targets: no --vpc was given",
        "  ingress from the clients: no --client was given",
        "  the key of the encryption: no --kms-key was given",
        f"  backup policy of {FS}: AWS answered AccessDeniedException;",
        "    allow elasticfilesystem:DescribeBackupPolicy",
    ]


def test_who_adopts_the_file_system_is_a_section_with_whole_ids() -> None:
    own, gone, made = "sg-0123456789abcdef0", "sg-0123456789abcdef1", "fsmt-0123456789abcdef0"
    text = report(
        targets(target(A, mount_target_id=made, security_groups=(own,)), target(B)),
        adopted(own, stack="payments-production", zones=frozenset({A, B})),
        adopted(gone, stack="payments-trial", retained=True),
    ).as_text()
    assert next(block for block in text.split("\n\n") if block.startswith("Adoptions")).splitlines() == [
        "Adoptions",
        f"  stack payments-production ({own}): wants {A},",
        f"    {B}; created {made}",
        f"  stack payments-trial ({gone}): its stack is gone",
    ]


def test_an_adoption_that_creates_nothing_says_so() -> None:
    text = report(subnets={"a": "subnet-a1"}, kms_key_arn=KEY).as_text()
    assert text.endswith("0 errors, 0 warnings: an adoption would create nothing")


def lengthened(text: str) -> str:
    """The text with ids as long as those of AWS."""
    return ID.sub(lambda found: f"{found[1]}-{hashlib.sha256(found[0].encode()).hexdigest()[:17]}", text)


def lengthened_finding(finding: Finding) -> Finding:
    return replace(
        finding,
        resource=lengthened(finding.resource),
        actual=lengthened(finding.actual),
        expected=lengthened(finding.expected),
        fix=lengthened(finding.fix),
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_finding_fits_80_columns_and_no_id_is_broken(case: Case) -> None:
    findings = evaluate(case.desired, case.observed).findings.all
    long = Findings(FS, tuple(map(lengthened_finding, findings)))
    lines = Report(case.desired, case.observed, CheckResult(long, (), {})).as_text().splitlines()
    assert max(map(len, lines)) <= 80
    words = {word.strip(",;:()") for line in lines for word in line.split()}
    texts = [text for item in long.all for text in (item.resource, item.actual, item.expected, item.fix)]
    assert {found[0] for text in texts for found in ID.finditer(text)} <= words


def test_a_list_of_resources_wraps_between_ids() -> None:
    groups = [f"sg-0123456789abcdef{number}" for number in range(5)]
    found = Finding("ingress-none", "warning", ", ".join(groups), "a", "b", "c")
    lines = Report(desired(), observed(), CheckResult(Findings(FS, (found,)), (), {})).as_text().splitlines()
    assert lines[2:4] == [f"warning ingress-none: {', '.join(groups[:2])},", f"  {', '.join(groups[2:])}"]


def test_an_arn_is_whole_if_it_fits_a_line() -> None:
    lines = fold("  actual    ", f"key {KEY}", 80, indent=12)
    assert lines == ["  actual    key", f"{KEY:>80}"]


def test_an_arn_that_is_longer_than_a_line_is_broken_after_a_separator() -> None:
    arn = "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    assert fold("", arn, 80, indent=4) == [arn[: arn.index("/") + 1], f"    {arn[arn.index('/') + 1 :]}"]


@given(st.lists(st.text("ab-:/, ", max_size=100), max_size=8), st.integers(40, 100), st.integers(0, 35))
def test_lines_always_fit_and_nothing_is_lost(words: list[str], columns: int, indent: int) -> None:
    lines = fold("  fix ", " ".join(words), columns, indent=indent)
    assert all(len(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(("fix", *words)).replace(" ", "")


def test_what_is_written_in_a_policy_does_not_control_the_terminal() -> None:
    evil = policy_statement("Deny", "ClientMount", Sid="\x1b[2J[bold]x")
    text = report(policy(evil), clients=[NFS]).as_text()
    assert "?[2J[bold]x" in text
    assert "\x1b" not in text
