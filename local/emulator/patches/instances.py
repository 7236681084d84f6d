"""Instances are resources of a stack: the type AWS::EC2::Instance, which MiniStack does not know.

Properties, attributes and what replaces an instance: CloudFormation resource reference, AWS::EC2::Instance. The instance is a
record that runs at once; nothing boots, no user data is run and no signal is waited for.
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

from importlib import import_module
from typing import Any

Properties = dict[str, Any]
# A change of them replaces the instance; others that do are not modelled.
_CREATE_ONLY = ("AvailabilityZone", "ImageId", "KeyName", "NetworkInterfaces", "SubnetId")


class _Instances:
    """Instances of EC2 as resources of a stack."""

    def __init__(self) -> None:
        self._ec2: Any = import_module("ministack.services.ec2")

    def create(self, _logical_id: str, props: Properties, _stack_name: str) -> tuple[str, Properties]:
        (interface,) = props.get("NetworkInterfaces") or [{}]
        subnet_id = props.get("SubnetId") or interface.get("SubnetId")
        subnet = self._ec2._subnets.get(subnet_id)
        if subnet is None:
            raise ValueError(f"The subnet ID '{subnet_id}' does not exist")
        (record,) = self._ec2._launch_instances_internal(
            image_id=props["ImageId"],
            instance_type=props["InstanceType"],
            subnet_id=subnet_id,
            count=1,
            user_data=props.get("UserData", ""),
            sg_ids=props.get("SecurityGroupIds") or interface.get("GroupSet"),
        )
        record["Placement"]["AvailabilityZone"] = subnet["AvailabilityZone"]
        self._ec2._tags[record["InstanceId"]] = list(props.get("Tags", []))
        return record["InstanceId"], self._attributes(record)

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Properties]:
        if any(old.get(name) != new.get(name) for name in _CREATE_ONLY):
            # Another id than before makes the engine delete the instance it replaces.
            return self.create("", new, stack_name)
        record = self._ec2._instances[physical_id]
        record |= {"InstanceType": new["InstanceType"], "UserData": new.get("UserData", "")}
        self._ec2._tags[physical_id] = list(new.get("Tags", []))
        return physical_id, self._attributes(record)

    def delete(self, physical_id: str, _props: Properties) -> None:
        self._ec2._terminate_instances({"InstanceId.1": [physical_id]})

    def _attributes(self, record: Properties) -> Properties:
        names = {"PrivateIp": "PrivateIpAddress", "PublicIp": "PublicIpAddress"}
        same = ("InstanceId", "PrivateDnsName", "PublicDnsName", "VpcId")
        attributes = {name: record[names.get(name, name)] for name in (*names, *same)}
        return {**attributes, "AvailabilityZone": record["Placement"]["AvailabilityZone"]}


def install() -> None:
    """Make the type known. A later MiniStack may know it: then its own is the better one."""
    provisioners: Any = import_module("ministack.services.cloudformation.provisioners")
    instances = _Instances()
    handlers = {"create": instances.create, "update": instances.update, "delete": instances.delete}
    provisioners._RESOURCE_HANDLERS.setdefault("AWS::EC2::Instance", handlers)
