"""What an adoption wants of a file system that exists already."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from geuse_efs_waiter.adoption.finding_codes import Severity
from geuse_efs_waiter.cloudformation.properties import FILE_SYSTEM_ID, SECURITY_GROUP_ID
from geuse_efs_waiter.errors import InvalidRequestError

ClientKind = Literal["security_group", "cidr", "cidr_v6", "prefix_list"]

_ARN = r"arn:[a-z0-9-]+:elasticfilesystem:([a-z0-9-]+):(\d{12}):file-system/([^/:]+)"


@dataclass(frozen=True, slots=True)
class FileSystemName:
    """An id, and the region and account that an ARN adds to it."""

    file_system_id: str
    region: str | None = None
    account: str | None = None

    @classmethod
    def parse(cls, text: str) -> FileSystemName:
        """Read an id or an ARN of any partition.

        Raises:
            InvalidRequestError: if it is neither.
        """
        arn = re.fullmatch(_ARN, text)
        name = arn[3] if arn else text
        if not re.fullmatch(FILE_SYSTEM_ID, name):
            raise InvalidRequestError(
                f"file system is {text!r:.120}, expected an id (fs-…) or an ARN "
                "(arn:<partition>:elasticfilesystem:<region>:<account>:file-system/fs-…)"
            )
        return cls(name, arn[1], arn[2]) if arn else cls(name)


@dataclass(frozen=True, slots=True)
class Client:
    """Who is to mount: a security group, a CIDR of either family, or a managed prefix list.

    A client is declared so that it can be checked; declaring it opens nothing on a group of somebody else.
    """

    kind: ClientKind
    value: str

    @classmethod
    def parse(cls, text: str) -> Client:
        """Tell the kind by the form: ``sg-…``, ``pl-…``, else a CIDR or a single address.

        Raises:
            InvalidRequestError: if it is none of them.
        """
        if re.fullmatch(SECURITY_GROUP_ID, text):
            return cls("security_group", text)
        if re.fullmatch("pl-[0-9a-f]+", text):
            return cls("prefix_list", text)
        try:
            # EC2 clears the host bits of a rule's CIDR as well.
            network = ipaddress.ip_network(text, strict=False)
        except ValueError as wrong:
            raise InvalidRequestError(
                f"client is {text!r:.60}, expected a security group (sg-…), a CIDR or a prefix list (pl-…)"
            ) from wrong
        return cls("cidr" if isinstance(network, ipaddress.IPv4Network) else "cidr_v6", str(network))


@dataclass(frozen=True, slots=True)
class AdoptionWish:
    """The wish, checked for its form.

    Attributes:
        file_system_id: the file system, as an id.
        subnets: the wanted subnet of each zone key. A key is only a name; the subnet's AZ is read from EC2.
        vpc_id: where the mount targets must be; None is unknown and not checked.
        clients: who must be admitted by the mount targets that exist already.
        kms_key_arn: the key that the file system must be encrypted with; None accepts any.
        access_point_ids: access points that must belong to the file system.
        create_missing: whether missing mount targets are created; if not, a missing one is a finding.
        security_group_ids: what mount targets of our making carry. CloudFormation makes the rules in them for the
            clients, so they are not judged.
        severities: what differs from the defaults in `codes.CODES`.
        region, account: where the file system is said to be, by its ARN; None is not said.
        role_arn: who calls EFS; None is unknown.
    """

    file_system_id: str
    subnets: Mapping[str, str]
    vpc_id: str | None = None
    clients: tuple[Client, ...] = ()
    kms_key_arn: str | None = None
    access_point_ids: tuple[str, ...] = ()
    create_missing: bool = True
    security_group_ids: tuple[str, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    region: str | None = None
    account: str | None = None
    role_arn: str | None = None
