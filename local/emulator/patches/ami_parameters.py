"""The public parameters that name the latest image of Amazon Linux 2023 with kernel 6.1, which the CDK asks for by default.

Source: aws_ec2.AmazonLinux2023ImageSsmParameter. MiniStack has only the one with the default kernel for x86-64.
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

from importlib import import_module
from typing import Any

_NAMES = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-"


def install() -> None:
    """Name the image that MiniStack has."""
    ssm: Any = import_module("ministack.services.ssm")
    image_id = ssm._PUBLIC_AMI_PARAMETERS[f"{_NAMES}default-x86_64"]
    for architecture in ("x86_64", "arm64"):
        ssm._PUBLIC_AMI_PARAMETERS.setdefault(f"{_NAMES}6.1-{architecture}", image_id)
