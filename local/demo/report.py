"""Describes file systems in lines that fit a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from local.demo.observed import ObservedFileSystem, ObservedMountTarget


def file_system_lines(item: ObservedFileSystem, adopter_made: Collection[str] | None = None) -> Iterator[str]:
    """A file system and its mount targets.

    Args:
        item: The file system.
        adopter_made: Where an adoption is shown, the ids of the mount targets that it created.
    """
    encrypted = "encrypted" if item.encrypted else "NOT ENCRYPTED"
    yield f"file system {item.file_system_id}: {item.state}, {encrypted}, {item.throughput_mode}"
    for target in item.mount_targets:
        yield f"  {target.zone}  {target.mount_target_id}  {target.state}  {target.ip_address}"
        if adopter_made is not None:
            creator = "the adoption" if target.mount_target_id in adopter_made else "another owner"
            yield f"              created by {creator}, security group {', '.join(target.security_group_ids)}"
    yield "  tags of the mount targets' network interfaces:"
    for target in item.mount_targets:
        yield from _tag_lines(target, item.mount_targets)


def _tag_lines(target: ObservedMountTarget, among: Collection[ObservedMountTarget]) -> Iterator[str]:
    """The tags of one target, or of all where they have the same."""
    same = all(target.tags == other.tags for other in among)
    if same and target is not next(iter(among)):
        return
    name = "all" if same else target.zone
    for key, value in sorted(target.tags.items()) or [("none", "")]:
        yield f"    {name:<10}  {key}{'=' * bool(target.tags)}{value}"
        name = ""
