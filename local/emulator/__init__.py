"""The local AWS: MiniStack in a process of its own, its client and its controls."""
