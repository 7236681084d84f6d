"""Runs the checkers that are fast enough for every test run."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import metadata
from typing import Any, NamedTuple

import cfnlint.decode  # type: ignore[import-untyped]
from aws_cdk import Stack
from cdk_nag import (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)
from cfnlint.config import ConfigMixIn, ManualArgs  # type: ignore[import-untyped]
from cfnlint.runner.cli import Runner  # type: ignore[import-untyped]
from cloudformation_validate import (  # type: ignore[import-untyped]
    CompositeEngine,
    CompositeEngineConfig,
    ExternalRuleSource,
    Severity,
    ValidateConfig,
)

from tests.static_checks.findings import Finding
from tests.static_checks.synthesis import Template, short_path

NAG_PACKS: dict[str, Any] = {
    "AwsSolutions": AwsSolutionsChecks,
    "NIST.800.53.R5": NIST80053R5Checks,
    "HIPAA.Security": HIPAASecurityChecks,
    "PCI.DSS.321": PCIDSS321Checks,
    "Serverless": ServerlessChecks,
}


def cdk_nag(stacks: Iterable[Stack]) -> Iterator[Finding]:
    """All packs, without synthesis: cdk-nag reads constructs."""
    for stack in stacks:
        for pack in NAG_PACKS.values():
            for violation in pack().validate_scope(stack).violations:
                for resource in violation.violating_resources:
                    yield Finding(violation.rule_name, short_path(resource.construct_path), violation.description)


def cfn_lint(templates: Iterable[Template]) -> Iterator[Finding]:
    """The CloudFormation schema and more."""
    # One runner for all templates, as the command has: `cfnlint.lint` would read its rules anew for each.
    runner = Runner(ConfigMixIn(**ManualArgs()))
    for template in templates:
        content, unreadable = cfnlint.decode.decode_str(template.path.read_text())
        for match in unreadable or runner.validate_template(content):
            # Resources, logical id, …; or another section of the template.
            section, logical_id, *_ = [*map(str, match.path or ()), "", ""]
            yield template.finding(match.rule.id, logical_id if section == "Resources" else None, match.message)


class GuardRule(NamedTuple):
    """A file of the registry.

    Attributes:
        name: of the file.
        source: in Guard's language.
        types: the types of the resources that it judges.
    """

    name: str
    source: str
    types: frozenset[str]


def guard(templates: Sequence[Template]) -> Iterator[Finding]:
    """AWS's rules for whatever types the templates have, and the evaluator's own from warnings up."""
    types = {resource["Type"] for template in templates for resource in template.resources.values()}
    rules = [ExternalRuleSource(name=one.name, content=one.source) for one in guard_rules() if one.types & types]
    engine = CompositeEngine(CompositeEngineConfig(guard_rules=rules))
    for template in templates:
        report = engine.validate_template(template.path, ValidateConfig(severity_level=Severity.WARN))
        for one in report.diagnostics:
            official = re.search(r"\[(CT\.[A-Z0-9.]+)\]", one.rule_description or "")
            rule = official[1] if official else one.rule_id
            text = f"{one.message} {one.rule_description if official else ''}"
            yield template.finding(rule, one.entity.logical_id if one.entity else None, text)


@cache
def guard_rules() -> tuple[GuardRule, ...]:
    """AWS Control Tower's proactive controls, out of a package that carries them for JavaScript's sake.

    The evaluator brings no registry of its own, and AWS's registry on GitHub is not on PyPI.
    """
    files = metadata.files("cdklabs-cdk-validator-cfnguard") or []
    [archive] = [one for one in files if one.name.endswith(".jsii.tgz")]
    with tarfile.open(str(archive.locate())) as package:
        return tuple(
            _guard_rule(member.name.rpartition("/")[2], content.read().decode())
            for member in package
            if member.name.endswith(".guard") and (content := package.extractfile(member))
        )


def _guard_rule(name: str, source: str) -> GuardRule:
    return GuardRule(name, source, frozenset(re.findall(r"AWS::\w+::\w+", source)))
