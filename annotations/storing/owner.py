"""What root does in a folder of somebody else's, it does with that person's rights."""

import os
import pwd
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The rights belong to the process, not to the thread. The same thread may enter twice.
_one_at_a_time = threading.RLock()


@contextmanager
def as_owner_of(folder: Path) -> Iterator[None]:
    """For the block, have the rights of the owner of `folder` where this process is root; else no effect.

    Files made in the block are that owner's, who can so read and remove them. A link that the owner put into
    the folder leads root nowhere the owner may not go. Nothing changes for a folder that is root's, or not
    there yet.
    """
    if os.getuid() != 0:
        yield
        return
    with _one_at_a_time:
        owner = folder.stat().st_uid if folder.exists() else 0
        # An owner without rights of root is in the block already.
        if owner == 0 or os.geteuid() != 0:
            yield
            return
        group, groups, own = os.getegid(), os.getgroups(), _group_of(owner, folder)
        os.setgroups([own])
        os.setegid(own)
        os.seteuid(owner)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(group)
            os.setgroups(groups)


def _group_of(owner: int, folder: Path) -> int:
    try:
        return pwd.getpwuid(owner).pw_gid
    except KeyError:
        return folder.stat().st_gid
