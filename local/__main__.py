"""`python -m local` (or `make local`): rehearse a deployment of the app without an AWS account.

Environment:
    PORT: The loopback port of the emulator; by default a free one.
    KEEP: Set to 1 to leave the emulator running afterwards.

It deploys the app, then adopts a file system that was made outside CloudFormation, and gives it back.

Exits with 0 where every stack is complete, every mount target available and nothing of another owner's touched, 1 where
something is wrong (one line says what), 130 after Ctrl-C. Nothing is left running, except with KEEP=1 after a success.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from local.demo.adoption import adopt_a_file_system
from local.demo.cdk_cli import CdkCliError
from local.demo.demo_run import DemoError, DemoRun
from local.demo.deploy import deploy_the_app
from local.emulator.local_aws import LocalAws, LocalAwsError

_PROJECT = Path(__file__).resolve().parent.parent
# Long enough to be seen waiting, short enough to be waited for.
_MOUNT_TARGET_SECONDS = 7.0
_LAST_PORT = 65535
_PIPE_WIDTH, _MAX_WIDTH = 80, 120
_GO_ON = """\
KEEP=1 make local   leaves the local AWS running and says how to talk to it
make synth          writes the app's templates into cdk.out
make deploy         deploys the app to AWS, with your credentials
README.md           how to use GeuseEfs in an app of your own"""


def main() -> int:
    """Run the demo.

    Returns:
        The exit code.
    """
    console = Console()
    console.width = min(console.width, _MAX_WIDTH) if console.is_terminal else _PIPE_WIDTH
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()
    try:
        # With the policies evaluated: a permission that the Lambda lacks must show here, not in the account.
        with LocalAws(port=_port(), auth=True, mount_target_seconds=_MOUNT_TARGET_SECONDS) as aws:
            console.print(f"Local AWS at {aws.endpoint_url} (MiniStack, IAM policies evaluated)")
            console.print(f"A new mount target takes {_MOUNT_TARGET_SECONDS:g} s here; on AWS, one to two minutes.")
            run = DemoRun(aws, _PROJECT, console)
            deploy_the_app(run)
            adopt_a_file_system(run)
            if os.environ.get("KEEP") == "1":
                _leave_running(console, aws)
    except (LocalAwsError, CdkCliError, DemoError) as error:
        console.print(f"failed: {error}", style="red", markup=False, highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("interrupted; nothing is left running", style="red")
        return 130
    console.print()
    console.rule("[bold]How to go on", align="left")
    if os.environ.get("KEEP") != "1":
        console.print("The local AWS is stopped and its temporary folder removed.")
    console.print(_GO_ON, highlight=False)
    console.print(f"\ndone in {time.monotonic() - started:.0f} s", style="green", highlight=False)
    return 0


def _port() -> int | None:
    text = os.environ.get("PORT", "")
    if not text:
        return None
    if not text.isdigit() or not 0 < int(text) <= _LAST_PORT:
        raise LocalAwsError(f"PORT={text} is not a port: give a number from 1 to 65535")
    return int(text)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    # As Ctrl-C does, so that every clean-up runs.
    raise KeyboardInterrupt


def _leave_running(console: Console, aws: LocalAws) -> None:
    variables, endpoint = aws.variables(), aws.endpoint_url
    pid = aws.detach()
    lines = [f"export {name}={value}" for name, value in variables.items()]
    lines.append(f"aws --endpoint-url {endpoint} efs describe-file-systems")
    lines.append(f"kill {pid}  # stops it; its temporary folder goes with it")
    console.print()
    console.rule("[bold]Left running", align="left")
    console.print("\n".join(lines), markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
