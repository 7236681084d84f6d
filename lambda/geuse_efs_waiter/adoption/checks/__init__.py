"""Checks an existing file system: observe once, evaluate everything, report every finding. Only `observe` calls AWS."""
