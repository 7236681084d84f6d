"""A first deployment that fails, twice, on the local AWS: nothing of it is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local.emulator.local_aws import LocalAws
from tests.integration.existing import Adopt
from tests.support.deployer import Deployer, DeployResult

KINDS = {
    "file systems": ("efs", "describe_file_systems", "FileSystems"),
    "interfaces of mount targets": ("ec2", "describe_network_interfaces", "NetworkInterfaces"),
    "groups": ("ec2", "describe_security_groups", "SecurityGroups"),
    "policies": ("iam", "list_policies", "Policies"),
    "roles": ("iam", "list_roles", "Roles"),
    "functions": ("lambda", "list_functions", "Functions"),
    "log groups": ("logs", "describe_log_groups", "logGroups"),
}


def _fails_twice(aws: LocalAws, deployer: Deployer, deploy: Callable[[], DeployResult]) -> None:
    def there() -> dict[str, list[dict[str, object]]]:
        return {kind: getattr(aws.client(service), call)()[key] for kind, (service, call, key) in KINDS.items()}

    aws.configure(final_states={"us-east-1b": "error"})
    before = there()
    for _ in range(2):
        result = deploy()
        assert result.status == "ROLLBACK_COMPLETE", result.failures
        assert "in us-east-1b is error" in " ".join(result.failures)
        assert there() == before
        # As `cdk deploy` does before it tries again.
        assert deployer.delete(result.stack_name).succeeded


def test_a_creation_leaves_nothing(aws: LocalAws, deployer: Deployer, deploy: Callable[..., DeployResult]) -> None:
    _fails_twice(aws, deployer, deploy)


@pytest.mark.check  # waits in real seconds
def test_an_adoption_that_retains_what_it_creates_leaves_nothing(
    aws: LocalAws, deployer: Deployer, adopt: Adopt
) -> None:
    _fails_twice(aws, deployer, lambda: adopt(retain_created=True))
