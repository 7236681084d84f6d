"""The first scenario of `make local`: deploy every stack of the app into an empty account."""

from __future__ import annotations

from local.demo import observed
from local.demo.demo_run import DemoRun
from local.demo.report import file_system_lines
from local.demo.watch import Watch


def deploy_the_app(run: DemoRun) -> None:
    """Scenario: bootstrap, deploy every stack of the app, and show what is there.

    Raises:
        CdkCliError: A command of the CLI failed.
        DemoError: A stack is not complete or a mount target is not available.
    """
    with run.step("cdk bootstrap", "Prepares the empty account: a bucket for assets, roles for deployments."):
        run.cli.bootstrap()
    shows = "The real app, CDK CLI and Lambda code. The stack ends after its mount targets."
    with run.step("cdk deploy --all", shows), Watch(run.aws, run.say):
        run.cli.deploy(["--all"], run.say)
    with run.step("What is there now", "EFS cannot tag mount targets: their network interfaces have the tags."):
        stacks, file_systems = observed.stacks(run.aws), observed.file_systems(run.aws)
        for item in file_systems:
            for line in file_system_lines(item):
                run.say(line)
        groups = {
            group for item in file_systems for target in item.mount_targets for group in target.security_group_ids
        }
        for line in observed.ingress(run.aws, groups) if groups else ():
            run.say(line)
        for stack in stacks:
            run.say(f"mount it with: {stack.outputs.get('MountCommand', 'see the outputs of the stack')}")
    run.require(wrong_after_deployment(stacks, file_systems))


def wrong_after_deployment(
    stacks: list[observed.ObservedStack], file_systems: list[observed.ObservedFileSystem]
) -> list[str]:
    """What is not as it should be once the app is deployed, one line each."""
    targets = [target for item in file_systems for target in item.mount_targets]
    wrong = [f"stack {stack.name} is {stack.status}" for stack in stacks if stack.status != "CREATE_COMPLETE"]
    wrong += [f"{t.mount_target_id} in {t.zone} is {t.state}" for t in targets if t.state != "available"]
    wrong += [] if stacks else ["the app has no stack"]
    return wrong + ([] if targets else ["there is no mount target"])
