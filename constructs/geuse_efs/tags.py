"""The tags of GeuseMaker, and all tags of a resource. No time stamp: a template is a function of its inputs.

Sources: EFS API reference, Tag (characters, lengths, 50 tags); IAM API reference, PutRolePolicy (characters of a policy).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import jsii
from aws_cdk import IResolvable, IStableAnyProducer, ITaggableV2, Lazy, Stack, TagManager, Tags, TagType, Token
from constructs import Construct, IValidation

from geuse_efs import limits

DEPLOYMENT = "geusemaker:deployment"
TIER = "geusemaker:tier"
CREATED_BY = "geusemaker:created-by"
CREATED_BY_VALUE = "geuse-efs"

FILE_SYSTEM_TAG = "geuse-efs:file-system"
"""On the own group of an adoption: the file system that it adopts."""
SUBNETS_TAG = "geuse-efs:subnets"
"""On the own group of an adoption: the subnets whose zones it wants, with blanks in between."""


def add_tags(
    scope: Construct, *, name: str | None, deployment: str | None, tier: str | None, tags: Mapping[str, str]
) -> None:
    """Tag everything taggable in the scope: file system, security group, access points and network interfaces."""
    name = name or default_name(scope.node.path)
    own = {"Name": name, CREATED_BY: CREATED_BY_VALUE, DEPLOYMENT: deployment, TIER: tier}
    of_scope = Tags.of(scope)
    for key, value in {**tags, **own}.items():
        if value is not None:
            of_scope.add(key, value)


def default_name(path: str) -> str:
    """The path of a construct as the value of a tag: its end tells more than its beginning."""
    fitting = "".join(character if is_tag_character(character) else "-" for character in path)
    return fitting[-limits.MAX_TAG_VALUE_LENGTH :]


def is_tag_character(character: str) -> bool:
    """Whether EFS takes it in keys and values: letters, separators and numbers of Unicode, and ``_.:/=+-@``."""
    return unicodedata.category(character)[0] in "LZN" or character in "_.:/=+-@"


def is_policy_character(character: str) -> bool:
    """Whether IAM takes it in a policy, where the keys stand that the waiter may set."""
    return character in "\t\n\r" or "\u0020" <= character <= "\u00ff"


class AllTags:
    """The tags of a resource and of its stack, the resource's first.

    The tags in the properties of a stack are CloudFormation's: it puts them on the resources that it creates, not on the
    network interfaces, which the waiter tags. All are read at synthesis, when whatever tags the scope has done so.
    """

    def __init__(self, scope: Construct, manager: TagManager, *, of_file_system: bool) -> None:
        self._stack, self._manager = Stack.of(scope), manager
        self.rendered: IResolvable = Lazy.any(_RenderedTags(self))
        scope.node.add_validation(_TagsFit(self, of_file_system=of_file_system))

    def values(self) -> dict[str, str]:
        """The values by key, either maybe a token. CloudFormation hands the tags of a stack on to its nested stacks."""
        stacks = [self._stack]
        while (parent := stacks[0].nested_stack_parent) is not None:
            stacks.insert(0, parent)
        of_stacks = {key: value for stack in stacks for key, value in stack.tags.tag_values().items()}
        return {**of_stacks, **self._manager.tag_values()}


@jsii.implements(ITaggableV2)
class NetworkInterfaceTags(Construct):
    """Gathers the tags of app, stack and construct where no file system of the stack does.

    It is not the custom resource: the CDK would write its tags alone over those of the stack.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        self.manager = TagManager(TagType.STANDARD, "AWS::EC2::NetworkInterface")
        super().__init__(scope, construct_id)

    @property
    @jsii.member(jsii_name="cdkTagManager")
    def cdk_tag_manager(self) -> TagManager:
        """What the CDK's tag aspects write to."""
        return self.manager


@jsii.implements(IStableAnyProducer)
class _RenderedTags:
    def __init__(self, tags: AllTags) -> None:
        self._tags = tags

    def produce(self) -> list[dict[str, str]]:
        values = self._tags.values()
        return [{"key": key, "value": values[key]} for key in sorted(values, key=str.casefold)]


@jsii.implements(IValidation)
class _TagsFit:
    """Tags of app and stack are known at the end of the synthesis only."""

    def __init__(self, tags: AllTags, *, of_file_system: bool) -> None:
        self._tags, self._of_file_system = tags, of_file_system

    def validate(self) -> list[str]:
        values = self._tags.values()
        mistakes = [mistake for key in values if (mistake := key_mistake(key))]
        mistake_of = value_mistake if self._of_file_system else length_mistake
        mistakes += [mistake for key, value in values.items() if (mistake := mistake_of(f"tag {key!r}", value))]
        what, own = ("file system", 0) if self._of_file_system else ("adoption's own group", limits.TAGS_OF_OWN_GROUP)
        if len(values) + own > limits.MAX_TAGS_IN_ALL:
            beside = f" and needs {own} more" if own else ""
            mistakes.append(
                f"the {what} has {len(values)} tags, those of the app, the stack and geuse-efs among them{beside}; AWS takes "
                f"{limits.MAX_TAGS_IN_ALL} on a resource, so add fewer"
            )
        return mistakes


def key_mistake(key: str) -> str | None:
    """What is wrong with the key of a tag; it stands in a policy, too."""
    if Token.is_unresolved(key):
        return None
    if not 1 <= len(key) <= limits.MAX_TAG_KEY_LENGTH or key.lower().startswith("aws:"):
        return f"tags has the key {key!r}; allowed are 1 to {limits.MAX_TAG_KEY_LENGTH} characters that do not start with aws:"
    if wrong := [
        character for character in key if not (is_tag_character(character) and is_policy_character(character))
    ]:
        return (
            f"tags has the key {key!r} with {wrong[0]!r}; allowed are letters of Latin-1, digits, spaces and _.:/=+-@, as EFS "
            "takes them in tags and IAM in policies"
        )
    return None


def length_mistake(argument: str, value: str) -> str | None:
    """Whether the value of a tag is too long for AWS, or no text."""
    if Token.is_unresolved(value) or (isinstance(value, str) and len(value) <= limits.MAX_TAG_VALUE_LENGTH):
        return None
    return f"{argument} is {value!r:.80}; allowed is text of at most {limits.MAX_TAG_VALUE_LENGTH} characters"


def value_mistake(argument: str, value: str) -> str | None:
    """What EFS would refuse in the value of a tag."""
    if mistake := length_mistake(argument, value):
        return mistake
    wrong = [] if Token.is_unresolved(value) else [char for char in value if not is_tag_character(char)]
    if wrong:
        return f"{argument} is {value!r:.80} with {wrong[0]!r}; EFS takes letters, digits, spaces and _.:/=+-@ in tags"
    return None
