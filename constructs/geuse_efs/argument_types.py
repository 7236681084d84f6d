"""Refuses arguments of a wrong type by their annotations, before the CDK fails at them in words of its own."""

from __future__ import annotations

import functools
import inspect
import itertools
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, ParamSpec, TypeVar

from aws_cdk import Duration, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

_P = ParamSpec("_P")
_T = TypeVar("_T")

_EXAMPLES: Mapping[Any, str] = {
    Construct: "self",
    Duration: "Duration.minutes(10)",
    Size: "Size.mebibytes(100)",
    ec2.IVpc: 'ec2.Vpc.from_lookup(self, "Vpc", vpc_id="vpc-...")',
    ec2.SubnetSelection: (
        "ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED) or ec2.SubnetSelection(subnets=[...])"
    ),
    ec2.ISecurityGroup: 'ec2.SecurityGroup.from_security_group_id(self, "Group", "sg-...")',
    ec2.IConnectable: 'an instance, a function, or ec2.SecurityGroup.from_security_group_id(self, "Client", "sg-...")',
    kms.IKey: 'kms.Key.from_key_arn(self, "Key", "arn:...") or kms.Alias.from_alias_name(self, "Key", "alias/...")',
    efs.IFileSystem: "an aws_efs.FileSystem of the same stack",
    efs.IAccessPoint: 'efs.AccessPoint.from_access_point_id(self, "AccessPoint", "fsap-...")',
    ec2.LaunchTemplate: "an instance, or put mount_commands(...) into its user data and let it in with allow(...)",
    "aws_ecs.ContainerDefinition": "what task_definition.add_container(...) returns, or task_definition.default_container",
    "aws_cloudwatch.IAlarmAction": "cloudwatch_actions.SnsAction(topic)",
    iam.IGrantable: "a role, or what has one: an instance, a function",
    iam.IRole: 'iam.Role.from_role_name(self, "Role", "...")',
}
_WORDS = {bool: "True or False", str: "text", int: "a whole number"}

_OF_A_FILE_SYSTEM = (
    "; give its file_system_id, or use MountTargetsReady(..., file_system=...) for a file system of the same stack"
)


def checked(method: Callable[_P, _T]) -> Callable[_P, _T]:
    """A method or function that raises ValueError if an argument does not have the type of its annotation."""

    @functools.wraps(method)
    def call(*positional: _P.args, **named: _P.kwargs) -> _T:
        hints = {name: hint for name, hint in _hints(method).items() if name != "return"}
        for name, value in [*zip(_names(method), positional, strict=False), *named.items()]:
            if name in hints:
                _check(name, value, hints[name])
        return method(*positional, **named)

    return call


def _names(method: Callable[..., Any]) -> Iterator[str]:
    """The name of each positional argument; that of `*actions` as often as it is asked for."""
    for name, parameter in inspect.signature(method).parameters.items():
        yield from itertools.repeat(name) if parameter.kind is parameter.VAR_POSITIONAL else (name,)


@functools.cache
def _hints(method: Callable[..., Any]) -> dict[str, Any]:
    return typing.get_type_hints(method)


def _check(name: str, value: Any, hint: Any) -> None:
    element = _element(hint)
    if element is not None and _is_list(value):
        for index, entry in enumerate(value):
            _check(f"{name}[{index}]", entry, element)
    elif not _fits(value, hint):
        advice = _OF_A_FILE_SYSTEM if hint is str and hasattr(value, "file_system_id") else ""
        raise ValueError(f"{name} is {_shown(value)}, allowed is {_allowed(hint)}{advice}")


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


def _element(hint: Any) -> Any:
    """The type of the entries, if the argument takes several."""
    for alternative in _alternatives(hint):
        if typing.get_origin(alternative) is Sequence:
            return typing.get_args(alternative)[0]
    return None


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _fits(value: Any, hint: Any) -> bool:
    return any(_is_a(value, alternative) for alternative in _alternatives(hint))


def _is_a(value: Any, hint: Any) -> bool:
    kind = typing.get_origin(hint) or hint
    if kind is Sequence:
        return _is_list(value)
    if kind is Any:
        return True
    if getattr(kind, "_is_protocol", False):
        return _has_members_of(value, kind)
    # The CDK takes a dictionary wherever it takes a struct.
    return isinstance(value, kind) or (hasattr(kind, "__jsii_name_mapping__") and isinstance(value, Mapping))


def _has_members_of(value: Any, interface: Any) -> bool:
    """Asked of the classes, because a value would ask the CDK, which knows no attribute that is not known yet.

    An object that the CDK made is a proxy of several interfaces; one of the app's own may keep a member in itself.
    """
    members = [name for name in dir(interface) if not name.startswith("_")]
    kinds = [type(part) for part in (value, *getattr(value, "_delegates", ()))]
    own = getattr(value, "__dict__", {})
    return all(member in own or any(hasattr(kind, member) for kind in kinds) for member in members)


def _shown(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value)
    if _is_list(value) and not all(isinstance(entry, str | int | float) for entry in value):
        return "a list"
    return f"a {type(value).__name__}" if hasattr(value, "__jsii_type__") else f"{value!r:.80}"


def _allowed(hint: Any) -> str:
    kinds = [kind for kind in _alternatives(hint) if kind is not type(None)]
    return " or ".join(map(_described, kinds))


def _described(kind: Any) -> str:
    origin = typing.get_origin(kind) or kind
    if origin is Sequence:
        return f"a list; give for example [{_EXAMPLES.get(typing.get_args(kind)[0], '...')}]"
    if origin is Mapping:
        return 'a dictionary; give for example {"key": "value"}'
    if issubclass(origin, Enum):
        return f"one of {', '.join(f'{origin.__name__}.{member.name}' for member in origin)}"
    words = _WORDS.get(origin) or f"{origin.__module__.split('.')[-1]}.{origin.__name__}"
    example = _EXAMPLES.get(origin) or _EXAMPLES.get(words)
    return f"{words}; give for example {example}" if example else words
