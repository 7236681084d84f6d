"""How consumers of a file system mount it."""
