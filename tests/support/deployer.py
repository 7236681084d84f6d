"""Deploy a synthesised cloud assembly without the CDK CLI: about a second a stack, for integration tests."""

from __future__ import annotations

import io
import json
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.emulator.local_aws import LocalAws

_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class StackEvent:
    """One line of a stack's history."""

    logical_id: str
    resource_type: str
    status: str
    reason: str
    physical_id: str


@dataclass(frozen=True)
class DeployResult:
    """How one stack operation ended."""

    stack_name: str
    status: str
    outputs: dict[str, str]
    events: tuple[StackEvent, ...]

    @property
    def succeeded(self) -> bool:
        """Whether the stack is as it was asked to be."""
        return self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE")

    @property
    def failures(self) -> tuple[str, ...]:
        """`logical id: reason` for each resource that failed, in order."""
        return tuple(f"{e.logical_id}: {e.reason}" for e in self.events if e.status.endswith("_FAILED"))

    def of(self, resource_type: str) -> tuple[StackEvent, ...]:
        """The events of one resource type, in order."""
        return tuple(event for event in self.events if event.resource_type == resource_type)


class Deployer:
    """Creates, updates and deletes stacks of cloud assemblies in a running emulator."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        self._cloudformation = aws.client("cloudformation")

    def deploy(self, assembly: Path | str, stack: str | None = None, *, timeout: float = 60.0) -> DeployResult:
        """Upload a stack's assets, create or update the stack, and wait for the end.

        Args:
            assembly: The folder that synthesis wrote (`cdk.out`, or `App.synth().directory`).
            stack: The stack's artifact id or name; not needed where the assembly has one.
            timeout: Seconds to wait.

        Raises:
            ValueError: The assembly does not have that stack.
            TimeoutError: The operation has not ended in time; it goes on.
        """
        return self._apply(self._request(assembly, stack), timeout)

    def changes(self, assembly: Path | str) -> dict[str, str]:
        """What deploying the assembly's stack would do, as a change set tells: actions by logical id."""
        request = {"ChangeSetName": "preview", **self._request(assembly, None)}
        change_set = self._cloudformation.create_change_set(**request)["Id"]
        self._cloudformation.get_waiter("change_set_create_complete").wait(
            ChangeSetName=change_set, WaiterConfig={"Delay": _POLL_SECONDS}
        )
        found = self._cloudformation.describe_change_set(ChangeSetName=change_set)["Changes"]
        self._cloudformation.delete_change_set(ChangeSetName=change_set)
        changes = [change["ResourceChange"] for change in found]
        return {change["LogicalResourceId"]: change["Action"] for change in changes}

    def physical_ids(self, stack_name: str) -> dict[str, str]:
        """The resources of a stack by logical id."""
        found = self._cloudformation.describe_stack_resources(StackName=stack_name)["StackResources"]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}

    def delete(self, stack_name: str, *, timeout: float = 60.0) -> DeployResult:
        """Delete a stack and wait for the end.

        Raises:
            TimeoutError: The operation has not ended in time; it goes on.
        """
        stack_id = self._stack(stack_name)["StackId"]
        seen = len(self._events(stack_id))
        self._cloudformation.delete_stack(StackName=stack_name)
        return self._wait(stack_id, seen, timeout)

    def _request(self, assembly: Path | str, stack: str | None) -> dict[str, Any]:
        """What CloudFormation is asked for, once the assets are uploaded."""
        folder = Path(assembly)
        artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
        artifact = _choose(artifacts, stack)
        self._upload(folder, artifacts, artifact)
        properties = artifact["properties"]
        template = json.loads((folder / properties["templateFile"]).read_text())
        self._satisfy_bootstrap_check(template)
        return {
            "StackName": _name(artifact),
            "TemplateBody": json.dumps(template),
            "Tags": [{"Key": key, "Value": value} for key, value in properties.get("tags", {}).items()],
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        }

    def _apply(self, request: dict[str, Any], timeout: float) -> DeployResult:
        stack_id = self._existing(request["StackName"])
        if stack_id is None:
            return self._wait(self._cloudformation.create_stack(**request)["StackId"], 0, timeout)
        seen = len(self._events(stack_id))
        try:
            self._cloudformation.update_stack(**request)
        except self._cloudformation.exceptions.ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise
        return self._wait(stack_id, seen, timeout)

    def _wait(self, stack_id: str, seen: int, timeout: float) -> DeployResult:
        deadline = time.monotonic() + timeout
        while (stack := self._stack(stack_id))["StackStatus"].endswith("_IN_PROGRESS"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"stack {stack['StackName']} is {stack['StackStatus']} after {timeout:g} s")
            time.sleep(_POLL_SECONDS)
        outputs = {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}
        return DeployResult(stack["StackName"], stack["StackStatus"], outputs, self._events(stack_id)[seen:])

    def _stack(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return found

    def _existing(self, name: str) -> str | None:
        """The id of the stack that has this name now; a deleted stack has given it up."""
        try:
            return str(self._stack(name)["StackId"])
        except self._cloudformation.exceptions.ClientError:
            return None

    def _events(self, stack_id: str) -> tuple[StackEvent, ...]:
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
        newest_first = [event for page in pages for event in page["StackEvents"]]
        return tuple(
            StackEvent(
                logical_id=event["LogicalResourceId"],
                resource_type=event["ResourceType"],
                status=event["ResourceStatus"],
                reason=event.get("ResourceStatusReason", ""),
                physical_id=event.get("PhysicalResourceId", ""),
            )
            for event in reversed(newest_first)
        )

    def _satisfy_bootstrap_check(self, template: dict[str, Any]) -> None:
        """Give a value to the version that a template reads, in place of `cdk bootstrap`."""
        for parameter in template.get("Parameters", {}).values():
            if parameter.get("Default", "").startswith("/cdk-bootstrap/"):
                self._aws.client("ssm").put_parameter(
                    Name=parameter["Default"], Value="9999", Type="String", Overwrite=True
                )

    def _upload(self, folder: Path, artifacts: dict[str, Any], artifact: dict[str, Any]) -> None:
        s3 = self._aws.client("s3")
        needed = [artifacts[name] for name in artifact.get("dependencies", [])]
        manifests = [item["properties"]["file"] for item in needed if item["type"] == "cdk:asset-manifest"]
        for manifest in manifests:
            for asset in json.loads((folder / manifest).read_text()).get("files", {}).values():
                source = asset["source"]
                if "path" not in source:
                    raise ValueError("assets that a command builds are not supported; bundle them at synth")
                content = _content(folder / source["path"], source.get("packaging", "file"))
                for destination in asset["destinations"].values():
                    bucket = self._resolved(destination["bucketName"])
                    s3.create_bucket(Bucket=bucket)
                    s3.put_object(Bucket=bucket, Key=self._resolved(destination["objectKey"]), Body=content)

    def _resolved(self, text: str) -> str:
        values = {"AccountId": self._aws.account, "Region": self._aws.region, "Partition": "aws"}
        for name, value in values.items():
            text = text.replace(f"${{AWS::{name}}}", value)
        return text


def _choose(artifacts: dict[str, Any], wanted: str | None) -> dict[str, Any]:
    stacks = {key: {**item, "id": key} for key, item in artifacts.items() if item["type"] == "aws:cloudformation:stack"}
    fitting = [item for key, item in stacks.items() if wanted in (None, key, _name(item))]
    if len(fitting) != 1:
        raise ValueError(f"name one stack of the assembly: it has {', '.join(stacks) or 'none'}, given {wanted!r}")
    return fitting[0]


def _name(artifact: dict[str, Any]) -> str:
    return str(artifact["properties"].get("stackName") or artifact["id"])


def _content(path: Path, packaging: str) -> bytes:
    """What an asset uploads: the file, or a zip of the folder."""
    if packaging == "file":
        return path.read_bytes()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in sorted(item for item in path.rglob("*") if item.is_file()):
            zipped.write(file, file.relative_to(path))
    return archive.getvalue()
