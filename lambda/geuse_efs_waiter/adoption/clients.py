"""Who is to mount an adopted file system."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

from geuse_efs_waiter.cloudformation.properties import SECURITY_GROUP_ID
from geuse_efs_waiter.errors import InvalidRequestError

ClientKind = Literal["security_group", "cidr", "cidr_v6", "prefix_list"]


@dataclass(frozen=True, slots=True)
class Client:
    """Who is to mount: a security group, a CIDR of either family, or a managed prefix list.

    A client is declared so that it can be checked; declaring it opens nothing on another owner's group.
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
