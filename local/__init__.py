"""The local AWS: an emulator that runs from Python packages, and what deploys to it.

- `local.emulator.LocalAws` starts and stops the emulator (`local.server` is the process it starts).
- `local.deployer.Deployer` deploys a synthesised cloud assembly to it in about a second, without the CDK CLI.
- `python -m local` rehearses a deployment of the real app with the real CLI.
"""
