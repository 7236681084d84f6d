"""The whole template of the app, so that a change is seen; what must hold is said in the other tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from aws_cdk import App
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from stacks.settings import Settings
from stacks.storage_stack import StorageStack


def test_the_template_of_the_app_is_as_it_was(new_app: Callable[..., App], snapshot: SnapshotAssertion) -> None:
    template = Template.from_stack(StorageStack(new_app(), Settings())).to_json()
    assert _masked(template) == snapshot(extension_class=JSONSnapshotExtension)


def _masked(value: Any) -> Any:
    """Without what changes with every line of the Lambda or version of the CDK."""
    match value:
        case dict():
            return {key: _masked(inner) for key, inner in value.items() if key != "CDKMetadata"}
        case list():
            return [_masked(inner) for inner in value]
        case str():
            return re.sub(r"\b[0-9a-f]{64}\b", "<asset>", value)
    return value
