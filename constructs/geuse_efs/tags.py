"""The tags of GeuseMaker. No time stamp: a template is a function of its inputs."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Tags
from constructs import Construct

DEPLOYMENT = "geusemaker:deployment"
TIER = "geusemaker:tier"
CREATED_BY = "geusemaker:created-by"
CREATED_BY_VALUE = "geuse-efs"

FILE_SYSTEM_TAG = "geuse-efs:file-system"
"""On the own group of an adoption: the file system that it adopts."""
SUBNETS_TAG = "geuse-efs:subnets"
"""On the own group of an adoption: the subnets whose zones it wants, with blanks in between."""


def add_tags(scope: Construct, *, name: str, deployment: str | None, tier: str | None, tags: Mapping[str, str]) -> None:
    """Tag everything taggable in the scope: file system, security group, access points and network interfaces."""
    own = {"Name": name, CREATED_BY: CREATED_BY_VALUE, DEPLOYMENT: deployment, TIER: tier}
    of_scope = Tags.of(scope)
    for key, value in {**tags, **own}.items():
        if value is not None:
            of_scope.add(key, value)
