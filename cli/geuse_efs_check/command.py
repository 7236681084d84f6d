"""The commands of ``geuse-efs``, and how they end."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from geuse_efs_check import codes
from geuse_efs_check.arguments import Id, Ids, desired_state, subnets_in_use
from geuse_efs_check.outcome import COULD_NOT_CHECK, ERRORS_FOUND, NO_ERRORS, could_not_check
from geuse_efs_check.report import Report
from geuse_efs_check.session import Session, connect
from geuse_efs_check.terminal import progress
from geuse_efs_waiter.adoption.adoption_spec import ACCESS_POINT_ID, KMS_KEY_ARN, VPC_ID, FileSystemName
from geuse_efs_waiter.adoption.checks.evaluate import evaluate
from geuse_efs_waiter.cloudformation.properties import SUBNET_ID
from geuse_efs_waiter.errors import InvalidRequestError, WaiterError

Connect = Callable[[str | None, str | None, Callable[[str], None]], Session]
"""Region, profile and what is called before each call, as `session.connect` takes them."""

_CHECK_EPILOG = """\b
Exit codes:
  0  no errors (there may be warnings)
  1  errors
  2  could not check; one line on stderr says why

\b
Example:
  geuse-efs check fs-0123456789abcdef0 --vpc vpc-0123456789abcdef0 \\
      --client sg-0123456789abcdef0 --client 10.0.0.0/16
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="geuse-efs")
def geuse_efs() -> None:
    """Amazon EFS file systems that are ready when CloudFormation says so."""


@geuse_efs.command("check", epilog=_CHECK_EPILOG)
@click.argument("file_system")
@click.option(
    "--subnets",
    multiple=True,
    type=Ids("ids", SUBNET_ID, "subnet ids (subnet-...) with commas in between"),
    help="Subnets to have a mount target, one per availability zone; repeatable, or with commas. "
    "Default: the subnets of its mount targets.",
)
@click.option("--vpc", type=Id("id", VPC_ID, "a VPC id (vpc-...)"), help="VPC that the mount targets must be in.")
@click.option(
    "--client",
    "clients",
    multiple=True,
    metavar="CLIENT",
    help="A client that must be admitted: sg-..., pl-... or a CIDR; repeatable.",
)
@click.option(
    "--kms-key",
    type=Id("arn", KMS_KEY_ARN, "the ARN of a KMS key"),
    help="KMS key that the file system must be encrypted with.",
)
@click.option(
    "--access-point",
    "access_points",
    multiple=True,
    type=Id("id", ACCESS_POINT_ID, "an access point id (fsap-...)"),
    help="An access point that must belong to the file system; repeatable.",
)
@click.option("--no-create-missing", is_flag=True, help="An availability zone without a mount target is an error.")
@click.option(
    "--severity",
    "severities",
    multiple=True,
    metavar="CODE=SEVERITY",
    help="Severity of a finding: error, warning or off; repeatable. `geuse-efs findings` lists the codes.",
)
@click.option("--region", metavar="NAME", help="Default: of the ARN, else of the environment or the profile.")
@click.option("--profile", metavar="NAME", help="Profile of the AWS configuration. Default: of the environment.")
@click.option("--json", "in_json", is_flag=True, help="Print one JSON document, also when the check fails.")
@click.pass_obj
def check_command(
    connect_to: Connect | None,
    /,
    *,
    file_system: str,
    region: str | None,
    profile: str | None,
    in_json: bool,
    **options: Any,
) -> int:
    """Check whether a stack can adopt FILE_SYSTEM.

    FILE_SYSTEM is an id (fs-...) or an ARN. The command shows what differs, how to fix it, and which mount targets an
    adoption would create. It only reads, with the usual AWS credentials; AWS_ENDPOINT_URL is honoured.
    """
    name = FileSystemName.parse(file_system)
    if region and name.region not in (None, region):
        raise InvalidRequestError(f"--region is {region}, but the ARN names {name.region}")
    desired = desired_state(name, **options)
    with progress(f"checking {name.file_system_id}") as show:
        session = (connect_to or connect)(region or name.region, profile, show)
        observed = session.observe(desired)
    subnets_given = bool(desired.subnets)
    if not subnets_given:
        desired = replace(desired, subnets=subnets_in_use(observed, name.file_system_id))
    report = Report(desired, observed, evaluate(desired, observed), subnets_given)
    # Whether there are colours is decided already.
    click.echo(report.as_json() if in_json else report.as_text(), color=True)
    return ERRORS_FOUND if report.result.findings.errors else NO_ERRORS


@geuse_efs.command("findings")
@click.option("--json", "form", flag_value="json", help="Print one JSON document, with the fixes.")
@click.option("--markdown", "form", flag_value="markdown", help="Print the page of the documentation.")
def findings_command(*, form: str | None) -> int:
    """List the codes of all findings, with their default severities."""
    forms = {"json": codes.as_json, "markdown": codes.as_markdown}
    click.echo(forms[form]() if form else codes.as_text(), color=True)
    return NO_ERRORS


def run(arguments: Sequence[str], connect_to: Connect | None = None) -> int:
    """Run the command.

    Args:
        arguments: what follows the command's name.
        connect_to: opens the session; default is `session.connect`.

    Returns:
        The exit code: 0 no errors, 1 error findings, 2 could not check, with one line on stderr.
    """
    if not arguments:  # versions of click differ here
        sys.stderr.write(f"{geuse_efs.get_help(click.Context(geuse_efs, info_name='geuse-efs'))}\n")
        return COULD_NOT_CHECK
    try:
        code = geuse_efs.main(list(arguments), "geuse-efs", standalone_mode=False, obj=connect_to)
    except SystemExit:
        # Click exits with 1 when the reader of the pipe has gone, which would mean that errors were found.
        return COULD_NOT_CHECK
    except Exception as failed:  # noqa: BLE001 - a traceback ends with 1, which would mean that errors were found
        return could_not_check(_why(failed), arguments)
    return code if isinstance(code, int) else NO_ERRORS


def _why(failed: Exception) -> str:
    if isinstance(failed, click.Abort):
        return "interrupted"
    if isinstance(failed, click.ClickException):
        return failed.format_message()
    if isinstance(failed, WaiterError):
        return str(failed)
    frame = traceback.extract_tb(failed.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"unforeseen {type(failed).__name__} in {place}, please report it: {failed}"
