"""Makes the command importable, and an account at hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# pyproject's pythonpath says the same; here for a run that has another configuration.
_CLI = str(Path(__file__).parents[2] / "cli")
if _CLI not in sys.path:
    sys.path.append(_CLI)

from tests.adoption.builders import APP, FS, KEY, NFS  # noqa: E402
from tests.simulator.account import Account  # noqa: E402


@pytest.fixture
def aws() -> Account:
    """An account with one healthy file system: mount targets in zones a and b, whose group admits the clients."""
    return healthy_account()


def healthy_account() -> Account:
    account = Account()
    account.add_security_group(NFS, admits=[APP])
    account.add_file_system(FS, KmsKeyId=KEY)
    for letter in "ab":
        account.add_mount_target(f"subnet-0000000{letter}", FS, groups=[NFS], ready_in=0)
    return account
