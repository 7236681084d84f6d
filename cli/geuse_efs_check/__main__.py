"""Runs the command as ``python -m geuse_efs_check``."""

from geuse_efs_check.main import main

if __name__ == "__main__":
    main()
