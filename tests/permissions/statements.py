"""Every statement of a synthesised template, and what of it the service authorization reference does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from tests.construct.templates import Resources, listed
from tests.simulator.authorization_reference import Action, ResourceType, actions, filled_in, resource_arn
from tests.simulator.iam import Statement
from tests.simulator.names import ACCOUNT, REGION

PSEUDO_PARAMETERS = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}


def statements(resources: Resources) -> Iterator[tuple[str, Statement]]:
    """Those of all policies, of roles and of resources, with the logical id of what holds them; references are filled in."""
    for logical_id, resource in resources.items():
        for document in _documents(resource.get("Properties", {})):
            for statement in document["Statement"]:
                yield logical_id, _filled_in(statement, resources)


def _documents(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("Statement"), list):
            yield value
        for inner in value.values():
            yield from _documents(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _documents(inner)


def _filled_in(value: Any, resources: Resources) -> Any:
    """ARNs of resources take the form that the reference gives them; all else that is known at deployment is its name."""
    match value:
        case {"Ref": str(name)}:
            return PSEUDO_PARAMETERS.get(name, name)
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return _arn_of(name, resources[name]["Type"]) if attribute == "Arn" else f"{name}.{attribute}"
        case {"Fn::Join": [str(separator), [*parts]]}:
            return separator.join(_filled_in(part, resources) for part in parts)
        case dict():
            return {key: _filled_in(inner, resources) for key, inner in value.items()}
        case list():
            return [_filled_in(inner, resources) for inner in value]
    return value


def _arn_of(name: str, cloudformation_type: str) -> str:
    """AWS::EFS::FileSystem is elasticfilesystem's file-system; CloudFormation gives log groups with all of their streams."""
    _, service, kind = cloudformation_type.split("::")
    resource_type = re.sub(r"(?<!^)([A-Z])", r"-\1", kind).lower()
    form = resource_arn({"EFS": "elasticfilesystem"}.get(service, service.lower()), resource_type)
    found = filled_in(form, name, region=REGION, account=ACCOUNT)
    return f"{found}:*" if resource_type == "log-group" else found


def complaints(statement: Statement) -> Iterator[str]:
    """What can never hold or is never asked for: unknown actions, resources of no action, keys that a request lacks."""
    # A policy of a resource means that resource.
    named = listed(statement.get("Resource", "*"))
    keys = [key for tests in statement.get("Condition", {}).values() for key in tests]
    known = {pattern: actions(pattern) for pattern in listed(statement["Action"])}
    yield from (f"there is no action {pattern}" for pattern, found in known.items() if not found)
    authorised = {action.name: action for found in known.values() for action in found}.values()
    for action in authorised:
        types = [each for each in action.resource_types.values() if any(covers(name, each.arn) for name in named)]
        if not types and (action.resource_types or "*" not in named):
            yield f"{action.name} is never authorised against {', '.join(named)}"
        yield from _missing_keys(action, types, keys)
    for name in named:
        if name != "*" and not any(
            covers(name, each.arn) for one in authorised for each in one.resource_types.values()
        ):
            yield f"none of the actions is authorised against {name}"


def _missing_keys(action: Action, types: Sequence[ResourceType | None], keys: list[str]) -> Iterator[str]:
    for resource_type in types or (None,):
        for key in keys:
            if not action.has_key(key, resource_type):
                yield f"{action.name} on {resource_type.name if resource_type else '*'} has no condition key {key}"


def covers(pattern: str, form: str) -> bool:
    """Whether the text of a statement can mean an ARN of that form."""
    parts = pattern.split(":", 5), re.sub(r"\$\{\w+\}", "*", form).split(":", 5)
    return pattern == "*" or (
        len(parts[0]) == 6 and all(_overlap(one, other) for one, other in zip(*parts, strict=True))
    )


@cache
def _overlap(one: str, other: str) -> bool:
    """Whether some text fits both, each of which may have wildcards."""
    if one.startswith("*"):
        return _overlap(one[1:], other) or (other != "" and _overlap(one, other[1:]))
    if other.startswith("*"):
        return _overlap(other, one)
    return one == other == "" or (one[:1] == other[:1] != "" and _overlap(one[1:], other[1:]))
