"""Adopts an existing file system: checks it, creates what it lacks, and releases that again."""
