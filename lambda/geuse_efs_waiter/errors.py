"""What can go wrong, each with a message that a person can act on."""


class WaiterError(Exception):
    """Raised for every failure that the waiter explains: the message names the resource, the cause and the fix.

    ``out_of_time`` says that only the time was over: another run may go on.
    """

    def __init__(self, message: str, *, out_of_time: bool = False) -> None:
        super().__init__(message)
        self.out_of_time = out_of_time


class InvalidRequestError(WaiterError):
    """Raised when a request or a property does not have the form that the construct renders."""


class MountTargetFailedError(WaiterError):
    """Raised when a mount target is in a life-cycle state that never becomes available."""


class NotReadyError(WaiterError):
    """Raised when the time to wait is over and a mount target is still not available."""


class ReplacementRefusedError(WaiterError):
    """Raised when an update would swap the file system for a new, empty one."""


class DeletionRefusedError(WaiterError):
    """Raised when a stack would delete mount targets that adoptions in other stacks live on."""


class AdoptionRefusedError(WaiterError):
    """Raised when a file system cannot be adopted; the message holds every finding."""


class OwnershipError(WaiterError):
    """Raised when mount targets cannot be as desired: one failed, or another adoption uses what would be deleted."""


class SupersededError(WaiterError):
    """Raised when a later run for the same resource is at work; it answers, this one does not."""


class RegionMissingError(WaiterError):
    """Raised when no region is known for a client of AWS."""


class AwsCallError(WaiterError):
    """Raised when AWS refuses a call permanently, or for longer than there is time to retry. ``code`` is AWS's."""

    def __init__(self, message: str, *, code: str = "", out_of_time: bool = False) -> None:
        super().__init__(message, out_of_time=out_of_time)
        self.code = code


class FileSystemNotFoundError(AwsCallError):
    """Raised when there is no file system of that id in the region and account of the client."""


class SecurityGroupNotFoundError(AwsCallError):
    """Raised when there is no security group of that id."""
