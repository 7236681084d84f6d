"""User data that lacks one of its parts, and the claims that notice: `make machine MUTATIONS=1` shows the table."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
VARIABLE = "MACHINE_MUTATION"


@dataclass(frozen=True)
class Mutation:
    """`old` becomes `new` in the rendered user data; `claims` are those that must fail then, as file::test."""

    name: str
    old: str
    new: str
    claims: tuple[str, ...]


BOOTS, LATE, FAILURES, OPTIONS, SURVIVES = (
    f"claims_{name}.py::test_" for name in ("boots", "late", "failures", "options", "survives")
)
MUTATIONS = (
    Mutation(
        "no line stays in /etc/fstab",
        'say "mounted"',
        'sed -i "/^$fs/d" /etc/fstab; say "mounted"',
        (f"{BOOTS}the_second_boot_mounts_from_fstab",),
    ),
    Mutation("no _netdev", "_netdev,tls", "tls", (f"{BOOTS}the_second_boot_mounts_from_fstab",)),
    Mutation(
        "no tls", "_netdev,tls", "_netdev", (f"{BOOTS}the_first_boot_mounts_with_the_options_that_aws_recommends",)
    ),
    Mutation("nofail", "_netdev,tls", "_netdev,tls,nofail", (f"{BOOTS}services_after_remote_fs_find_the_file_system",)),
    Mutation(
        "no retry",
        "((left > 0 && status != 69)) || return 1",
        "return 1",
        (f"{LATE}the_package_the_name_and_the_target_come_late_and_it_mounts_in_the_end",),
    ),
    Mutation(
        "the exit status is believed",
        '! "$condition" || return 0',
        "((status)) || return 0",
        (f"{LATE}a_helper_that_answers_0_without_a_mount_is_not_believed",),
    ),
    Mutation(
        "no limit for a try",
        "timeout -k 5 $((left < 5 ? 5 : left < limit ? left : limit)) ",
        "",
        (f"{FAILURES}a_failure_comes_within_the_time_given[silent-target]",),
    ),
    Mutation(
        "the output goes to a pipe",
        '> "$log" 2>&1 < /dev/null || status=$?',
        '2>&1 < /dev/null | cat > "$log"; status=${PIPESTATUS[0]}',
        (f"{BOOTS}the_user_data_says_that_it_mounted",),
    ),
    Mutation(
        "no end of the time",
        "left > 0 &&",
        "1 &&",
        (f"{FAILURES}a_failure_comes_within_the_time_given[no-repository]",),
    ),
    Mutation(
        "no chattr +i", 'chattr +i "$dir"', "true", (f"{BOOTS}without_the_mount_nothing_is_written_to_the_root_disk",)
    ),
    Mutation(
        "services do not require the mount",
        "RequiresMountsFor=",
        "Documentation=file:",
        (
            f"{BOOTS}a_service_named_in_before_never_sees_an_empty_directory",
            f"{BOOTS}without_the_mount_a_service_named_in_before_does_not_start",
        ),
    ),
    Mutation(
        "services are not restarted",
        "for service in $services",
        "for service in",
        (f"{BOOTS}a_service_named_in_before_never_sees_an_empty_directory",),
    ),
    Mutation(
        "services are restarted by every run",
        "mounted && services=",
        "mounted &&",
        (f"{BOOTS}a_service_named_in_before_never_sees_an_empty_directory",),
    ),
    Mutation(
        "services that are not installed are restarted",
        "grep -q =not-found",
        "false",
        (f"{SURVIVES}the_machine_of_a_stack_that_adopts_the_file_system_reads_the_same_data",),
    ),
    Mutation(
        "no newline for a last line without one",
        "line=$'\\n'$line",
        "true",
        (f"{BOOTS}fstab_keeps_its_other_line_although_that_had_no_end",),
    ),
    Mutation(
        "the line is not looked for",
        '! grep -qxF "$line" /etc/fstab',
        "true",
        (f"{BOOTS}run_twice_the_user_data_leaves_one_line_and_succeeds",),
    ),
    Mutation(
        "another line is not refused",
        '! other=$(findmnt -snM "$dir")',
        "true",
        (f"{FAILURES}another_line_for_the_directory_stays_the_only_one",),
    ),
    Mutation(
        "no exit status", "|| exit 1", "", (f"{FAILURES}a_failure_ends_the_user_data_with_1_and_signals_it[no-name]",)
    ),
    Mutation(
        "names are not judged",
        "timeout 10 getent",
        "true",
        (f"{FAILURES}a_failure_is_one_line_that_names_its_cause[no-name]",),
    ),
    Mutation(
        "the network is not judged",
        "timeout 5 bash -c",
        "true",
        (f"{FAILURES}a_failure_is_one_line_that_names_its_cause[silent-target]",),
    ),
    Mutation(
        "status 69 is tried again",
        "&& status != 69",
        "",
        (f"{FAILURES}what_time_cannot_mend_fails_at_once[image-without-package]",),
    ),
    Mutation(
        "the address of any zone",
        '[ "${target%%=*}" != "$zone" ] ||',
        "",
        (f"{FAILURES}without_dns_the_host_takes_the_mount_target_of_its_own_zone",),
    ),
    Mutation("no ro", ",ro ", " ", (f"{OPTIONS}read_only_is_read_only",)),
    Mutation("no az", ",az=eu-west-1a", "", (f"{OPTIONS}root_writes_to_a_one_zone_file_system_of_another_region",)),
    Mutation(
        "no region",
        ",region=eu-west-1",
        "",
        (f"{OPTIONS}root_writes_to_a_one_zone_file_system_of_another_region",),
    ),
    Mutation(
        "no accesspoint",
        ",accesspoint=fsap-0123456789abcdef0",
        "",
        (f"{OPTIONS}what_is_written_through_an_access_point_belongs_to_its_user",),
    ),
)


def apply(user_data: str) -> str:
    """The user data, changed where the variable names a mutation."""
    name = os.environ.get(VARIABLE)
    for mutation in MUTATIONS:
        if mutation.name == name:
            return user_data.replace(mutation.old, mutation.new)
    return user_data


def _verdict(claim: str, output: str) -> str:
    """How the claim failed; empty where it did not."""
    if f"FAILED {claim}" in output:
        return "fails"
    never_ended = f"ERROR {claim}" in output and "did not turn itself off" in output
    return "fails, for the machine never came to its end" if never_ended else ""


def _run(mutation: Mutation) -> str:
    claims = [str(HERE / claim) for claim in mutation.claims]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *claims],
        env=os.environ | {VARIABLE: mutation.name, "REQUIRE_MACHINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def main(names: list[str]) -> int:
    """Run the claims of the mutations named, or of all; 1 where a claim holds nevertheless."""
    mutations = [mutation for mutation in MUTATIONS if not names or mutation.name in names]
    missed = 0
    with ThreadPoolExecutor(3) as pool:  # most of their time is waiting
        for mutation, output in zip(mutations, pool.map(_run, mutations), strict=True):
            for claim in mutation.claims:
                verdict = _verdict(f"{HERE.relative_to(Path.cwd())}/{claim}", output)
                missed += not verdict
                said = claim.partition("::test_")[2].replace("_", " ")
                print(f"{mutation.name:45} {verdict or 'HOLDS NEVERTHELESS'}: {said}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
