"""README and docs/: links lead somewhere, Python blocks run, commands exist, every page is in the site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs
from tests.construct.templates import import_vpc
from tests.simulator.account import ZONES, Account
from tests.simulator.simulation import simulate

PROJECT = Path(__file__).parents[2]
DOCS = sorted(path for path in (PROJECT / "docs").rglob("*.md") if "node_modules" not in path.parts)
PAGES = {str(path.relative_to(PROJECT)): path.read_text() for path in [*sorted(PROJECT.glob("*.md")), *DOCS]}
FILE_SYSTEM = "fs-0123456789abcdef0"

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")


def anchors(text: str) -> set[str]:
    """Those of the headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: str, text: str) -> Iterator[str]:
    for path, anchor in LINK.findall(FENCE.sub("", text)):
        target = (PROJECT / page).parent / path if path else PROJECT / page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text() if path else text)):
            yield f"{path}#{anchor}"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_a_heading(page: str) -> None:
    assert list(broken_links(page, PAGES[page])) == []


def test_the_search_for_broken_links_finds_them() -> None:
    text = "[a](none.md) [b](#none) [c](docs/glossary.md#none) [d](docs/glossary.md#glossary) [e](#f) [g](https://h/i)\n## F\n"
    assert list(broken_links("README.md", text)) == ["none.md#", "#none", "docs/glossary.md#none"]


@pytest.mark.parametrize("page", DOCS, ids=str)
def test_every_page_is_in_the_navigation_of_the_site(page: Path) -> None:
    assert re.search(rf"[ -]{re.escape(str(page.relative_to(PROJECT / 'docs')))}$", _read("mkdocs.yml"), re.MULTILINE)


def test_every_make_command_exists() -> None:
    named = {name for text in PAGES.values() for name in re.findall(r"(?:^    |`)make ([a-z]+)", text, re.MULTILINE)}
    assert named - set(re.findall(r"^([a-z]+):", _read("Makefile"), re.MULTILINE)) == set()


def test_every_attribute_of_a_file_system_exists() -> None:
    named = {name for text in PAGES.values() for name in re.findall(r"(?<![\w-])efs\.([a-z]\w+)", FENCE.sub("", text))}
    assert {name for name in named if not hasattr(GeuseEfs, name)} == set()


def given(app: App, number: int) -> dict[str, Any]:
    """What blocks take for granted: `self` is a stack of their own."""
    stack = Stack(app, f"Block{number}", env=Environment(account="111111111111", region="us-east-1"))
    vpc = import_vpc(stack)
    instances = autoscaling.AutoScalingGroup(
        stack,
        "Instances",
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    )
    return {"self": stack, "vpc": vpc, "instances": instances}


@pytest.fixture
def aws() -> Iterator[Account]:
    """Where the calls of blocks end: in the simulator, on a virtual clock."""
    account = Account()
    account.add_file_system(FILE_SYSTEM)
    with (
        simulate(account),
        mock.patch("geuse_efs_waiter.aws.polling.SystemClock", return_value=account.clock),
        mock.patch.object(boto3.Session, "client", return_value=account.direct()),
    ):
        yield account


def run_blocks(page: str, aws: Account, app: App) -> None:
    """Each knows what the ones before it defined, and begins with a mount target that takes 85 seconds more."""
    names: dict[str, Any] = {"__name__": page}
    blocks = (code for language, code in FENCE.findall(PAGES[page]) if language == "python")
    for number, (code, zone) in enumerate(zip(blocks, cycle(ZONES), strict=False)):
        aws.add_mount_target(f"subnet-0000000{zone}", FILE_SYSTEM)
        names |= given(app, number)
        exec(compile(code, f"{page}, Python block {number + 1}", "exec"), names)  # noqa: S102
    app.synth()


@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if "```python" in text])
def test_python_blocks_run_and_synthesise(page: str, aws: Account, new_app: Callable[[], App]) -> None:
    run_blocks(page, aws, new_app())


def test_the_retry_of_the_guide_reports_each_minute_and_ends_when_ready(
    aws: Account, new_app: Callable[[], App], capsys: pytest.CaptureFixture[str]
) -> None:
    run_blocks("docs/library.md", aws, new_app())
    minute, result, *_ = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"1 min: not-ready: mount target fsmt-\w+ in us-east-1b is creating", minute)
    assert result == "ready"


def _read(name: str) -> str:
    return (PROJECT / name).read_text()
