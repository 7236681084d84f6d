from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from geuse_efs_check import main as entry
from geuse_efs_check.command import run
from geuse_efs_check.session import Session
from tests.adoption.builders import ACCOUNT, APP, FS, NFS, REGION, A, B, C
from tests.simulator.account import Account

ROOT = Path(__file__).parents[2]
IDS = [f"subnet-0000000{letter}" for letter in "abc"]
SUBNETS = ",".join(IDS)
ARN = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{FS}"
Ran = tuple[int, str, str]


@pytest.fixture
def check(aws: Account, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command against the account: exit code, stdout, stderr."""

    def call(*arguments: str, file_system: str = FS) -> Ran:
        given = ["check", file_system, "--subnets", SUBNETS, *arguments]
        code = run(given, lambda region: Session(aws.client("efs"), aws.client("ec2"), region or REGION, ACCOUNT))
        return code, *capsys.readouterr()

    return call


def test_without_findings_it_says_so_and_what_would_be_created(check: Any) -> None:
    code, out, err = check("--client", APP)
    assert code == 0
    assert out.splitlines() == [
        f"file system {FS} in {REGION}: 0 errors, 0 warnings",
        f"{A} is covered by fsmt-00000001 (available)",
        f"{B} is covered by fsmt-00000002 (available)",
        f"adoption would create a mount target in {C}, subnet {IDS[2]}",
    ]
    assert err == ""


def test_warnings_alone_exit_with_0(check: Any, aws: Account) -> None:
    aws.file_systems[FS].backup = None
    code, out, _ = check()
    assert code == 0
    assert "0 errors, 1 warning" in out
    assert "backup-off" in out


def test_errors_exit_with_1_and_stand_in_blocks_with_their_fix(check: Any, aws: Account) -> None:
    aws.file_systems[FS].description["Encrypted"] = False
    aws.file_systems[FS].backup = None
    code, out, _ = check("--client", "10.9.0.0/16")
    assert code == 1
    for word in ("actual", "expected", "fix", "encryption-off", "ingress-missing", "backup-off", "10.9.0.0/16"):
        assert word in out
    assert max(map(len, out.splitlines())) <= 80
    assert out.index("encryption-off") < out.index("backup-off")
    assert "once there is no error, adoption would create a mount target in us-east-1c" in out


def test_what_aws_says_is_not_read_as_markup(check: Any, aws: Account) -> None:
    aws.file_systems[FS].policy = json.dumps(
        {"Statement": [{"Sid": "[bold]x", "Effect": "Deny", "Principal": "*", "Action": "*"}]}
    )
    assert "[bold]x" in check()[1]


def test_the_json_document_is_stable(check: Any, aws: Account) -> None:
    aws.file_systems[FS].description["Encrypted"] = False
    code, out, err = check("--json", "--client", APP)
    assert (code, err) == (1, "")
    assert json.loads(out) == {
        "format": 1,
        "file_system_id": FS,
        "region": REGION,
        "account": ACCOUNT,
        "errors": 1,
        "warnings": 0,
        "findings": [
            {
                "code": "encryption-off",
                "severity": "error",
                "resource": FS,
                "actual": "not encrypted",
                "expected": "encrypted",
                "fix": "encryption cannot be changed: copy the data to a new file system, or correct the expectation",
            }
        ],
        "to_create": [{"availability_zone": C, "subnet_id": IDS[2]}],
        "covered_by": {A: "fsmt-00000001", B: "fsmt-00000002"},
    }


def found(out: str) -> set[tuple[str, str, str]]:
    return {(one["code"], one["severity"], one["resource"]) for one in json.loads(out)["findings"]}


def test_without_creation_a_free_zone_is_an_error(check: Any) -> None:
    code, out, _ = check("--no-create-missing", "--json", "--client", APP)
    assert (code, found(out)) == (1, {("mount-target-missing", "error", C)})


def test_every_option_reaches_the_judgement(check: Any, aws: Account) -> None:
    aws.file_systems[FS].backup = None
    options = ["--vpc", "vpc-2", "--kms-key", "arn:aws:kms:x:1:key/2", "--access-point", "fsap-1"]
    options += ["--client", "sg-0000000c", "--client", "pl-1", "--severity", "backup-off=off", "--severity"]
    code, out, _ = check(*options, "vpc-other=warning", "--json")
    assert code == 1
    assert {
        ("vpc-other", "warning", FS),
        ("kms-key-other", "error", FS),
        ("access-point-not-found", "error", "fsap-1"),
        ("ingress-missing", "error", NFS),
        ("unreadable", "warning", "pl-1"),
    } <= found(out)
    assert "backup-off" not in out


def test_the_same_subnet_twice_is_told(check: Any) -> None:
    _, out, _ = check("--subnets", f"{IDS[0]}, {IDS[0]}", "--json", "--client", APP)
    assert found(out) == {("subnets-share-zone", "error", A)}


def test_an_arn_gives_the_region(aws: Account, capsys: pytest.CaptureFixture[str]) -> None:
    asked = []

    def connect(region: str | None) -> Session:
        asked.append(region)
        return Session(aws.client("efs"), aws.client("ec2"), region or "", ACCOUNT)

    assert run(["check", ARN, "--subnets", SUBNETS], connect) == 0
    assert asked == [REGION]


def test_an_arn_of_another_account_is_an_error_finding(check: Any) -> None:
    code, out, _ = check("--json", "--client", APP, file_system=ARN.replace(ACCOUNT, "210987654321"))
    assert (code, found(out)) == (1, {("file-system-elsewhere", "error", FS)})


def test_a_file_system_that_does_not_exist_is_an_error_finding_with_the_place(check: Any, aws: Account) -> None:
    aws.file_systems.clear()
    code, out, _ = check("--json")
    assert (code, found(out)) == (1, {("file-system-not-found", "error", FS)})
    assert f"region {REGION}, account {ACCOUNT}" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", FS], "Missing option '--subnets'"),
        (["check", "fs-x", "--subnets", SUBNETS], "file system is 'fs-x', expected an id"),
        (["check", FS, "--subnets", "net-1"], "--subnets has 'net-1', expected ids"),
        (["check", FS, "--subnets", ","], "--subnets is empty"),
        (["check", FS, "--subnets", SUBNETS, "--client", "all"], "client is 'all', expected a security group"),
        (["check", FS, "--subnets", SUBNETS, "--severity", "x=off"], "severity given for 'x', which is no finding"),
        (["check", FS, "--subnets", SUBNETS, "--severity", "backup-off"], "severity of backup-off is ''"),
        (["check", ARN, "--subnets", SUBNETS, "--region", "eu-west-1"], "--region is eu-west-1, but the ARN names"),
        (["check", FS, "--colour"], "No such option"),
        (["test"], "No such command 'test'"),
    ],
)
def test_bad_arguments_are_one_line_and_exit_with_2(arguments: list[str], said: str, aws: Account, capsys: Any) -> None:
    code = run(arguments, lambda _region: Session(aws.client("efs"), aws.client("ec2"), REGION, ACCOUNT))
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("geuse-efs: ")
    assert said in err
    assert aws.called == []


def test_no_command_shows_the_help_and_exits_with_2(capsys: Any) -> None:
    assert run([]) == 2
    assert "Commands:\n  check" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["check", "-h"]])
def test_help_exits_with_0(arguments: list[str], capsys: Any) -> None:
    assert run(arguments) == 0
    assert "Usage: geuse-efs" in capsys.readouterr().out


def test_a_refused_required_read_exits_with_2(check: Any, aws: Account) -> None:
    aws.fail("DescribeMountTargets", "AccessDeniedException", times=float("inf"))
    code, out, err = check()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "describing the mount targets" in err
    assert "AccessDeniedException" in err


def test_a_refused_optional_read_is_final_at_once_and_only_a_warning(check: Any, aws: Account) -> None:
    aws.fail("DescribeBackupPolicy", "AccessDeniedException", times=float("inf"))
    code, out, _ = check("--json", "--client", APP)
    assert (code, found(out)) == (0, {("unreadable", "warning", FS)})
    assert aws.count("DescribeBackupPolicy") == 1


@pytest.mark.parametrize(
    "error", [NoCredentialsError(), EndpointConnectionError(endpoint_url="https://elasticfilesystem.example")]
)
def test_no_way_into_aws_exits_with_2(error: Exception, capsys: Any) -> None:
    def connect(_region: str | None) -> Session:
        raise error

    assert run(["check", FS, "--subnets", SUBNETS], connect) == 2
    err = capsys.readouterr().err
    assert err == f"geuse-efs: AWS cannot be reached or refuses the credentials: {error}\n"


@pytest.mark.parametrize("library", ["boto3", "click", "rich"])
def test_a_missing_library_is_one_line_that_says_what_to_install(
    library: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] in ("geuse_efs_check", library)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"geuse-efs: {library} is not installed: pip install 'geuse-efs[check]'\n"


def _process(*arguments: str, **variables: str) -> Ran:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": os.pathsep.join(str(ROOT / root) for root in ("cli", "lambda")),
    }
    command = [sys.executable, "-m", "geuse_efs_check", "check", FS, "--subnets", SUBNETS, *arguments]
    ended = subprocess.run(  # noqa: S603
        command, env=kept | nowhere | variables, capture_output=True, text=True, timeout=60, check=False
    )
    return ended.returncode, ended.stdout, ended.stderr


def test_as_a_process_without_a_region_it_is_one_line_and_2() -> None:
    assert _process() == (2, "", "geuse-efs: no region is set: give --region or set AWS_REGION\n")


def test_as_a_process_without_credentials_it_is_one_line_and_2() -> None:
    code, out, err = _process("--region", REGION)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "Unable to locate credentials" in err


def test_as_a_process_without_a_network_it_is_one_line_and_2() -> None:
    # Port 9 discards: nothing listens there.
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    code, out, err = _process("--region", REGION, **keys)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "Could not connect" in err
