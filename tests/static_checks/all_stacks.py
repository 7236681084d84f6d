"""All stacks that the checkers look at. ``python -m tests.static_checks.all_stacks`` synthesises them."""

from __future__ import annotations

from aws_cdk import App, Stack

from stacks.settings import read_settings
from stacks.storage_stack import StorageStack
from tests.construct.example_stacks import define_example_stacks
from tests.static_checks.synthesis import CONTEXT


def define_all_stacks(app: App) -> list[Stack]:
    """The app's own, as cdk.json says, and the examples."""
    return [*(StorageStack(app, one) for one in read_settings(CONTEXT)), *define_example_stacks(app)]


if __name__ == "__main__":
    main = App(context=CONTEXT)
    define_all_stacks(main)
    main.synth()
