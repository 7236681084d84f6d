"""The local AWS: an emulator that runs from Python packages, and what deploys to it.

- `local.emulator.local_aws.LocalAws` starts and stops the emulator (`local.emulator.server` is the process it starts).
- `tests.support.deployer.Deployer` deploys a synthesised cloud assembly to it in about a second, without the CDK CLI.
- `python -m local` rehearses a deployment of the real app with the real CLI.
"""
