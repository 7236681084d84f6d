"""Tags that EFS, EC2 and IAM take, wherever they come from: arguments, the path, the app, the stack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Environment, Fn, NestedStack, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from geuse_efs import GeuseEfs
from tests.construct.adopting import adopt, permissions_of
from tests.construct.templates import (
    FILE_SYSTEM,
    POLICY,
    READINESS,
    import_vpc,
    of_type,
    properties_of,
    resources_of,
    statements_of,
    tags_of,
    the,
)

CHARACTERS = ["R&D", "a,b", "50% (shared)", "line\nbreak", "a\tb", "#1", "“x”", "🙂"]


@pytest.mark.parametrize("text", CHARACTERS)
@pytest.mark.parametrize("argument", ["tags", "deployment", "tier", "file_system_name"])
def test_a_value_that_efs_does_not_take_is_refused(argument: str, text: str, stack: Stack, vpc: ec2.IVpc) -> None:
    given: dict[str, Any] = {"tags": {"team": text}} if argument == "tags" else {argument: text}
    with pytest.raises(
        ValueError, match=rf"^{argument}.* is .* EFS takes letters, digits, spaces and _\.:/=\+-@ in tags$"
    ):
        GeuseEfs(stack, "Efs", vpc=vpc, **given)


@pytest.mark.parametrize("key", [*CHARACTERS, "команда", "チーム"])
def test_a_key_that_efs_or_iam_does_not_take_is_refused(key: str, stack: Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match=r"^tags has the key .* allowed are letters of Latin-1, digits, spaces and _"):
        GeuseEfs(stack, "Created", vpc=vpc, tags={key: "x"})
    with pytest.raises(ValueError, match=r"^tags has the key "):
        adopt(stack, vpc, tags={key: "x"})


def test_letters_of_all_alphabets_pass_in_values_and_those_of_latin_1_in_keys(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, tags={"équipe_a.b:c/d=e+f-g@h 1": "команда チーム ½"})


def test_the_interfaces_of_an_adoption_take_any_value(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, tags={"team": "R&D"})
    assert tags_of(properties_of(READINESS, stack))["team"] == "R&D"


def _name(stack: Stack) -> str:
    [name] = [tag["Value"] for tag in properties_of(FILE_SYSTEM, stack)["FileSystemTags"] if tag["Key"] == "Name"]
    return str(name)


def test_the_default_name_has_other_characters_replaced(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Data (hot) & logs", vpc=vpc)
    assert _name(stack) == "Storage/Data -hot- - logs"


def test_the_default_name_is_the_end_of_a_long_path(stack: Stack, vpc: ec2.IVpc) -> None:
    scope: Construct = stack
    for number in range(12):
        scope = Construct(scope, f"a-rather-long-construct-name-{number}")
    storage = GeuseEfs(scope, "Efs", vpc=vpc)
    assert _name(stack) == storage.node.path[-256:]


@pytest.mark.parametrize(
    "more", [{"R&D": "x"}, {"team": "R&D"}, {"team": "x" * 257}, {f"k{n}": "v" for n in range(49)}]
)
def test_tags_of_the_stack_are_judged_at_synthesis(more: dict[str, str], stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    for key, value in more.items():
        Tags.of(stack).add(key, value)
    with pytest.raises(
        RuntimeError, match=r"\[Storage/Efs\] (tags has the key 'R&D'|tag 'team' is '(R&D'|x+)|.* has 51 tags)"
    ):
        resources_of(stack)


def test_room_for_the_notes_of_an_adoption_is_left_on_its_group(new_app: Callable[..., App]) -> None:
    def adopting(count: int) -> Stack:
        stack = Stack(new_app(), "Storage", tags={f"k{number}": "v" for number in range(count)})
        adopt(stack, import_vpc(stack))
        return stack

    resources_of(adopting(42))
    with pytest.raises(
        RuntimeError, match=r"own group has 45 tags, .* geuse-efs among them and needs 6 more; AWS takes 50"
    ):
        resources_of(adopting(43))


def test_a_key_known_at_deployment_passes(stack: Stack, vpc: ec2.IVpc) -> None:
    Tags.of(stack).add(Fn.import_value("key"), "42")
    GeuseEfs(stack, "Efs", vpc=vpc, tags={Fn.import_value("other"): "43"})
    GeuseEfs(stack, "More", vpc=vpc)
    keys = statements_of(the(POLICY, stack))["TagNetworkInterfaces"]["Condition"]["ForAllValues:StringEquals"]
    assert {"Fn::ImportValue": "key"} in keys["aws:TagKeys"]
    tags = [target["Properties"]["Tags"] for target in of_type(resources_of(stack), READINESS).values()]
    assert [{"key": {"Fn::ImportValue": "key"}, "value": "42"} in told for told in tags] == [True, True]


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("adopted", [False, True])
def test_tags_in_the_properties_of_the_stack_reach_the_mount_targets(adopted: bool, nested: bool, app: App) -> None:
    stack = Stack(app, "Tagged", env=Environment(region="us-east-1"), tags={"CostCenter": "42", "team": "stack"})
    stack = NestedStack(stack, "Nested") if nested else stack
    make = adopt if adopted else lambda stack, vpc, **given: GeuseEfs(stack, "Efs", vpc=vpc, **given)
    make(stack, import_vpc(stack), tags={"team": "ml"})
    tags = tags_of(properties_of(READINESS, stack))
    assert (tags["CostCenter"], tags["team"]) == ("42", "ml")
    policy = permissions_of(stack) if adopted else the(POLICY, stack)
    condition = statements_of(policy)["TagNetworkInterfaces"]["Condition"]
    assert "CostCenter" in condition["ForAllValues:StringEquals"]["aws:TagKeys"]
