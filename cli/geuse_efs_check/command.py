"""The arguments of ``geuse-efs check``, and its exit codes."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence

import click
from botocore.exceptions import BotoCoreError, ClientError

from geuse_efs_check.checking import check
from geuse_efs_check.report import as_json, print_report
from geuse_efs_check.session import Session, connect
from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec, FileSystemName
from geuse_efs_waiter.adoption.clients import Client
from geuse_efs_waiter.adoption.finding_codes import check_severities
from geuse_efs_waiter.cloudformation.properties import SUBNET_ID
from geuse_efs_waiter.errors import InvalidRequestError, WaiterError

NOTHING_WRONG, ERRORS_FOUND, COULD_NOT_CHECK = 0, 1, 2

Connect = Callable[[str | None], Session]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="geuse-efs")
def geuse_efs() -> None:
    """Amazon EFS file systems that are ready when CloudFormation says so."""


@geuse_efs.command("check")
@click.argument("file_system")
@click.option("--subnets", required=True, help="Wanted subnets, one an availability zone: subnet-…,subnet-…")
@click.option("--vpc", help="The VPC that the mount targets must be in. Not checked if not given.")
@click.option("--client", "clients", multiple=True, help="Who is to mount: sg-…, a CIDR, pl-…. Repeatable.")
@click.option("--kms-key", help="ARN of the key that the file system must be encrypted with.")
@click.option("--access-point", "access_points", multiple=True, help="Must belong to the file system. Repeatable.")
@click.option("--no-create-missing", is_flag=True, help="A zone without a mount target is an error.")
@click.option("--severity", "severities", multiple=True, help="CODE=error, warning or off. Repeatable.")
@click.option("--region", help="Default: that of the ARN, else that of the environment or the profile.")
@click.option("--json", "in_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def check_command(
    connect_to: Connect | None,
    *,
    file_system: str,
    subnets: str,
    vpc: str | None,
    clients: tuple[str, ...],
    kms_key: str | None,
    access_points: tuple[str, ...],
    no_create_missing: bool,
    severities: tuple[str, ...],
    region: str | None,
    in_json: bool,
) -> int:
    """Check whether a deployment could adopt FILE_SYSTEM, an id or an ARN, and tell what it would create.

    Changes nothing. Uses the normal AWS credentials and AWS_ENDPOINT_URL. Exit code: 0 no errors (warnings may be
    told), 1 errors, 2 could not look.
    """
    name = FileSystemName.parse(file_system)
    if region and name.region not in (None, region):
        raise InvalidRequestError(f"--region is {region}, but the ARN names {name.region}")
    desired = AdoptionSpec(
        file_system_id=name.file_system_id,
        subnets=_subnets(subnets),
        vpc_id=vpc,
        clients=tuple(map(Client.parse, clients)),
        kms_key_arn=kms_key,
        access_point_ids=access_points,
        create_missing=not no_create_missing,
        severities=check_severities(dict(map(_severity, severities))),
        region=name.region,
        account=name.account,
    )
    checked = check(desired, (connect_to or connect)(region or name.region))
    if in_json:
        click.echo(as_json(checked))
    else:
        print_report(checked)
    return ERRORS_FOUND if checked.result.findings.errors else NOTHING_WRONG


def _subnets(text: str) -> dict[str, str]:
    given = [part.strip() for part in text.split(",") if part.strip()]
    for item in given:
        if not re.fullmatch(SUBNET_ID, item):
            raise InvalidRequestError(f"--subnets has {item!r:.60}, expected ids (subnet-…) with commas in between")
    if not given:
        raise InvalidRequestError("--subnets is empty, expected one subnet per availability zone")
    # The AZ is read from EC2, so that the id is name enough. The place keeps a subnet that is given twice visible.
    return {f"{place}:{one}": one for place, one in enumerate(given)}


def _severity(text: str) -> tuple[str, str]:
    code, _, severity = text.partition("=")
    return code, severity


def run(arguments: Sequence[str], connect_to: Connect | None = None) -> int:
    """Run the command.

    Args:
        arguments: what follows the command's name.
        connect_to: opens the session; default is `session.connect`.

    Returns:
        The exit code: 0 no errors, 1 error findings, 2 could not look, with one line on stderr.
    """
    try:
        code = geuse_efs.main(list(arguments), "geuse-efs", standalone_mode=False, obj=connect_to)
    except click.Abort:
        return _could_not_check("interrupted")
    except click.exceptions.NoArgsIsHelpError as help_wanted:
        sys.stderr.write(f"{help_wanted.format_message()}\n")
        return COULD_NOT_CHECK
    except click.ClickException as wrong:
        return _could_not_check(wrong.format_message())
    except WaiterError as wrong:
        return _could_not_check(str(wrong))
    except (BotoCoreError, ClientError) as failed:
        return _could_not_check(f"AWS cannot be reached or refuses the credentials: {failed}")
    return code if isinstance(code, int) else NOTHING_WRONG


def _could_not_check(why: str) -> int:
    sys.stderr.write(f"geuse-efs: {' '.join(why.split())}\n")
    return COULD_NOT_CHECK
