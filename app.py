"""Defines the stacks: one for each environment in the context."""

import sys

from aws_cdk import App

from stacks.settings import read_settings
from stacks.storage_stack import StorageStack

app = App()
try:
    for settings in read_settings(app.node.get_all_context()):
        StorageStack(app, settings)
    app.synth()
except (ValueError, RuntimeError) as mistake:
    # The CDK's own errors arrive as RuntimeError; their message says what is wrong, their traceback ends in JavaScript.
    sys.exit(f"geuse-efs: {' '.join(str(mistake).split())}")
