from __future__ import annotations

import pytest

from geuse_efs_waiter.adoption.adoption_spec import FileSystemName
from geuse_efs_waiter.adoption.clients import Client
from geuse_efs_waiter.adoption.finding_codes import check_severities
from geuse_efs_waiter.errors import InvalidRequestError
from tests.adoption.builders import FS

ARN = f"arn:aws-cn:elasticfilesystem:cn-north-1:123456789012:file-system/{FS}"


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("sg-0123456789abcdef0", Client("security_group", "sg-0123456789abcdef0")),
        ("pl-12345678", Client("prefix_list", "pl-12345678")),
        ("10.0.0.0/16", Client("cidr", "10.0.0.0/16")),
        ("10.0.0.7", Client("cidr", "10.0.0.7/32")),
        ("10.0.0.7/24", Client("cidr", "10.0.0.0/24")),
        ("2600:1::/64", Client("cidr_v6", "2600:1::/64")),
    ],
)
def test_the_form_of_a_client_tells_its_kind(text: str, client: Client) -> None:
    assert Client.parse(text) == client


@pytest.mark.parametrize("text", ["", "sg-", "pl-", "10.0.0.0/33", "everybody", "300.0.0.1"])
def test_a_client_of_no_known_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"^client is .*, expected a security group \(sg-…\), a CIDR or"):
        Client.parse(text)


def test_an_arn_of_any_partition_names_region_and_account_and_an_id_neither() -> None:
    assert FileSystemName.parse(FS) == FileSystemName(FS, None, None)
    assert FileSystemName.parse(ARN) == FileSystemName(FS, "cn-north-1", "123456789012")


@pytest.mark.parametrize("text", ["fs-xyz", "sg-12345678", ARN.replace("file-system", "access-point"), ARN + "/x"])
def test_what_names_no_file_system_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"^file system is .*, expected an id \(fs-…\) or an ARN"):
        FileSystemName.parse(text)


def test_severities_are_taken_by_known_codes_and_names_only() -> None:
    known = {"backup-off": "off", "ingress-open": "error"}
    assert check_severities(known) == known
    with pytest.raises(InvalidRequestError, match=r"'backup', which is no finding; expected .*backup-off"):
        check_severities({"backup": "off"})
    with pytest.raises(InvalidRequestError, match="severity of backup-off is 'info', expected error, warning, off"):
        check_severities({"backup-off": "info"})
