from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from geuse_efs_check import main as entry
from geuse_efs_check.command import Connect, run
from geuse_efs_check.session import Session
from tests.adoption.builders import ACCOUNT, APP, FS, KEY, NFS, REGION, VPC, A, B, C
from tests.fault_injection.adopting import NEIGHBOUR, NEIGHBOURS, OURS, define_own_group
from tests.simulator.account import Account
from tests.simulator.cloudformation import STACK_ID

IDS = [f"subnet-0000000{letter}" for letter in "abc"]
SUBNETS = ",".join(IDS)
ARN = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{FS}"
Ran = tuple[int, str, str]


@pytest.fixture
def check(aws: Account, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command against the account: exit code, stdout, stderr."""

    def call(*arguments: str, file_system: str = FS) -> Ran:
        code = run(["check", file_system, "--subnets", SUBNETS, *arguments], session_of(aws))
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def check_alone(aws: Account, capsys: pytest.CaptureFixture[str]) -> Any:
    """As `check`, without the subnets."""

    def call(*arguments: str) -> Ran:
        code = run(["check", FS, *arguments], session_of(aws))
        return code, *capsys.readouterr()

    return call


def session_of(aws: Account) -> Connect:
    return lambda region, _profile, _on_call: Session(aws.client("efs"), aws.client("ec2"), region or REGION, ACCOUNT)


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
        "not_checked": [
            {"what": "the VPC of the mount targets", "why": "no --vpc was given", "action": None},
            {"what": "the key of the encryption", "why": "no --kms-key was given", "action": None},
        ],
        "to_create": [{"availability_zone": C, "subnet_id": IDS[2]}],
        "covered_by": {A: "fsmt-00000001", B: "fsmt-00000002"},
        "adoptions": [],
    }


def test_it_tells_who_adopts_the_file_system_and_what_a_person_has_changed(check: Any, aws: Account) -> None:
    define_own_group(aws, OURS, STACK_ID, "bc", FS)
    define_own_group(aws, NEIGHBOURS, NEIGHBOUR, "c", FS)
    own = aws.add_mount_target(IDS[2], FS, groups=[OURS], ready_in=0)
    aws.mount_targets["fsmt-00000002"].groups = [NFS, NEIGHBOURS]
    _, out, _ = check("--json", "--client", APP)
    assert json.loads(out)["adoptions"] == [
        {
            "stack": "neighbour",
            "security_group": NEIGHBOURS,
            "availability_zones": [C],
            "mount_targets": [],
            "retained": False,
        },
        {
            "stack": "storage",
            "security_group": OURS,
            "availability_zones": [B, C],
            "mount_targets": [own],
            "retained": False,
        },
    ]
    assert ("mount-target-of-adoption", "error", own) in found(out)
    assert ("mount-target-changed", "warning", "fsmt-00000002") in found(out)


def found(out: str) -> set[tuple[str, str, str]]:
    return {(item["code"], item["severity"], item["resource"]) for item in json.loads(out)["findings"]}


def test_without_creation_a_free_zone_is_an_error(check: Any) -> None:
    code, out, _ = check("--no-create-missing", "--json", "--client", APP)
    assert (code, found(out)) == (1, {("mount-target-missing", "error", C)})


def test_every_option_reaches_the_evaluation(check: Any, aws: Account) -> None:
    aws.file_systems[FS].backup = None
    options = ["--vpc", "vpc-00000002", "--kms-key", KEY.replace("1111", "2222"), "--access-point", "fsap-00000001"]
    options += ["--client", "sg-0000000c", "--client", "pl-1", "--severity", "backup-off=off", "--severity"]
    code, out, _ = check(*options, "vpc-other=warning", "--json")
    assert code == 1
    assert {
        ("vpc-other", "warning", FS),
        ("kms-key-other", "error", FS),
        ("access-point-not-found", "error", "fsap-00000001"),
        ("vpc-not-found", "error", "vpc-00000002"),
        ("ingress-missing", "error", NFS),
        ("unreadable", "warning", "pl-1"),
    } <= found(out)
    assert "backup-off" not in out


def test_subnets_may_be_repeated_and_have_commas(check_alone: Any) -> None:
    _, out, _ = check_alone("--subnets", IDS[0], "--subnets", f"{IDS[1]}, {IDS[2]}", "--json", "--client", APP)
    document = json.loads(out)
    assert sorted(document["covered_by"]) == [A, B]
    assert document["to_create"] == [{"availability_zone": C, "subnet_id": IDS[2]}]


def test_the_same_subnet_twice_is_a_finding(check_alone: Any) -> None:
    _, out, _ = check_alone("--subnets", f"{IDS[0]}, {IDS[0]}", "--json", "--client", APP)
    assert found(out) == {("subnets-share-zone", "error", A)}


def test_without_subnets_those_of_the_mount_targets_are_checked(check_alone: Any, aws: Account) -> None:
    aws.subnets[IDS[1]]["MapPublicIpOnLaunch"] = True
    code, out, _ = check_alone("--json", "--client", APP)
    document = json.loads(out)
    assert (code, found(out)) == (0, {("subnet-public", "warning", IDS[1])})
    assert document["covered_by"] == {A: "fsmt-00000001", B: "fsmt-00000002"}
    assert document["to_create"] == []
    assert aws.count("DescribeMountTargets") == 1


def test_a_mount_target_that_is_swapped_for_another_does_not_count_twice(check_alone: Any, aws: Account) -> None:
    aws.client("efs").delete_mount_target(MountTargetId="fsmt-00000001")
    aws.add_mount_target(IDS[0], FS, groups=[NFS], ready_in=0)
    _, out, _ = check_alone("--json", "--client", APP)
    assert (found(out), json.loads(out)["covered_by"]) == (set(), {A: "fsmt-00000003", B: "fsmt-00000002"})


def test_without_subnets_and_without_mount_targets_it_asks_for_subnets(check_alone: Any, aws: Account) -> None:
    aws.mount_targets.clear()
    code, out, err = check_alone()
    assert (code, out) == (2, "")
    assert err == (
        f"geuse-efs: file system {FS} has no mount targets to take the subnets from: give --subnets, one subnet per "
        "availability zone\n"
    )


def test_without_subnets_a_file_system_that_does_not_exist_is_a_finding(check_alone: Any, aws: Account) -> None:
    aws.file_systems.clear()
    code, out, _ = check_alone("--json")
    assert (code, found(out)) == (1, {("file-system-not-found", "error", FS)})


def not_checked(out: str) -> list[tuple[str, str, str | None]]:
    return [(item["what"], item["why"], item["action"]) for item in json.loads(out)["not_checked"]]


def test_what_was_not_given_is_not_checked(check_alone: Any) -> None:
    assert not_checked(check_alone("--json")[1]) == [
        ("the VPC of the mount targets", "no --vpc was given", None),
        ("ingress from the clients", "no --client was given", None),
        ("the key of the encryption", "no --kms-key was given", None),
        ("zones without a mount target", "no --subnets was given", None),
    ]


def test_with_everything_given_everything_is_checked(check: Any) -> None:
    assert not_checked(check("--json", "--vpc", VPC, "--client", APP, "--kms-key", KEY)[1]) == []


def test_what_aws_refuses_to_read_is_not_checked_and_names_the_action(check: Any, aws: Account) -> None:
    aws.fail("DescribeBackupPolicy", "AccessDeniedException", times=float("inf"))
    _, out, _ = check("--json", "--vpc", VPC, "--client", APP, "--kms-key", KEY, "--severity", "unreadable=off")
    action = "elasticfilesystem:DescribeBackupPolicy"
    assert not_checked(out) == [(f"backup policy of {FS}", "AWS answered AccessDeniedException", action)]


def test_of_a_file_system_that_does_not_exist_nothing_is_checked(check: Any, aws: Account) -> None:
    aws.file_systems.clear()
    assert not_checked(check("--json")[1]) == [("everything but subnets and VPC", "there is no file system", None)]


def test_an_arn_gives_the_region(aws: Account, capsys: pytest.CaptureFixture[str]) -> None:
    asked = []

    def connect(region: str | None, _profile: str | None, _on_call: Any) -> Session:
        asked.append(region)
        return Session(aws.client("efs"), aws.client("ec2"), region or "", ACCOUNT)

    assert run(["check", ARN, "--subnets", SUBNETS], connect) == 0
    assert asked == [REGION]


def test_the_profile_reaches_the_session(aws: Account, capsys: pytest.CaptureFixture[str]) -> None:
    asked = []

    def connect(_region: str | None, profile: str | None, _on_call: Any) -> Session:
        asked.append(profile)
        return Session(aws.client("efs"), aws.client("ec2"), REGION, ACCOUNT)

    assert run(["check", FS, "--subnets", SUBNETS, "--profile", "storage"], connect) == 0
    assert asked == ["storage"]


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
        (["check", "fs-x", "--subnets", SUBNETS], "file system is 'fs-x', expected an id"),
        (
            ["check", FS, "--subnets", "net-1"],
            "Invalid value for '--subnets': 'net-1', expected subnet ids (subnet-...)",
        ),
        (["check", FS, "--subnets", ","], "Invalid value for '--subnets': '', expected subnet ids"),
        (["check", FS, "--subnets", SUBNETS, "--client", "all"], "client is 'all', expected a security group"),
        (["check", FS, "--subnets", SUBNETS, "--severity", "x=off"], "severity given for 'x', which is no finding"),
        (["check", FS, "--subnets", SUBNETS, "--severity", "backup-off"], "severity of backup-off is ''"),
        (["check", ARN, "--subnets", SUBNETS, "--region", "eu-west-1"], "--region is eu-west-1, but the ARN names"),
        (["check", FS, "--vpc", "main"], "'main', expected a VPC id (vpc-...)"),
        (["check", FS, "--kms-key", "alias/data"], "'alias/data', expected the ARN of a KMS key"),
        (["check", FS, "--access-point", "fs-1"], "'fs-1', expected an access point id (fsap-...)"),
        (["check", FS, "--colour"], "No such option"),
        (["check", FS, FS], "Got unexpected extra argument"),
        (["findings", "--json", "x"], "Got unexpected extra argument"),
        (["test"], "No such command 'test'"),
    ],
)
def test_bad_arguments_are_one_line_and_exit_with_2(arguments: list[str], said: str, aws: Account, capsys: Any) -> None:
    code = run(arguments, session_of(aws))
    out, err = capsys.readouterr()
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith("geuse-efs: ")
    assert said in err
    assert aws.called == []
    if "--json" not in arguments:
        assert out == ""


@pytest.mark.parametrize("arguments", [["check", "fs-x", "--json"], ["check", "--json"], ["find", "--json"]])
def test_with_json_bad_arguments_are_a_document_too(arguments: list[str], capsys: Any) -> None:
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"format": 1, "error": err.removeprefix("geuse-efs: ").rstrip("\n")}


def broken(error: BaseException) -> Connect:
    def connect(*_: Any) -> Session:
        raise error

    return connect


def test_a_file_system_of_which_aws_refuses_to_speak_is_a_document_with_json(check: Any, aws: Account) -> None:
    aws.fail("DescribeFileSystems", "AccessDeniedException", times=float("inf"))
    code, out, err = check("--json")
    assert (code, err.count("\n")) == (2, 1)
    assert "(elasticfilesystem:DescribeFileSystems) failed with AccessDeniedException" in json.loads(out)["error"]


def test_an_unforeseen_error_is_one_line_with_its_place_and_exits_with_2(capsys: Any) -> None:
    assert run(["check", FS, "--json"], broken(KeyError("boom\nbang"))) == 2
    out, err = capsys.readouterr()
    assert err.startswith("geuse-efs: unforeseen KeyError in test_check_command.py:")
    assert err.endswith(", please report it: 'boom\\nbang'\n")
    assert json.loads(out)["error"].startswith("unforeseen KeyError")


def test_an_interruption_exits_with_2(capsys: Any) -> None:
    assert run(["check", FS], broken(KeyboardInterrupt())) == 2
    assert capsys.readouterr().err.strip() == "geuse-efs: interrupted"


def test_no_command_shows_the_help_and_exits_with_2(capsys: Any) -> None:
    assert run([]) == 2
    assert "Commands:\n  check " in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["check", "-h"], ["findings", "--help"]])
def test_help_fits_80_columns_and_exits_with_0(arguments: list[str], capsys: Any) -> None:
    assert run(arguments) == 0
    out = capsys.readouterr().out
    assert "Usage: geuse-efs" in out
    assert max(map(len, out.splitlines())) <= 80


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


@pytest.mark.parametrize("library", ["boto3", "click"])
def test_a_missing_library_is_one_line_that_says_what_to_install(
    library: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("geuse_efs_check", library)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.setattr(sys, "argv", ["geuse-efs", "check", FS, "--json"])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert err == f"geuse-efs: {library} is not installed: pip install 'geuse-efs[check]'\n"
    assert json.loads(out)["error"] == f"{library} is not installed: pip install 'geuse-efs[check]'"
