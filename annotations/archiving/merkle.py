"""A Merkle tree as in RFC 6962: one time stamp on its root serves many manifests."""

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf. The prefix 0x00 tells it from the hash of an inner node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node. Its prefix is 0x01."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over `leaves` in their order. Raises ValueError if there are none."""
    return _levels(leaves)[-1][0]


def inclusion_paths(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """For each leaf, the hashes that lead from it to the root, starting with the lowest."""
    levels = _levels(leaves)
    paths: list[list[bytes]] = []
    for position in range(len(leaves)):
        path = []
        for depth, level in enumerate(levels[:-1]):
            beside = (position >> depth) ^ 1
            if beside < len(level):
                path.append(level[beside])
        paths.append(path)
    return paths


def is_included(leaf: bytes, position: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from `leaf`, at `position` of `size` leaves, to `root`."""
    if not 0 <= position < size:
        return False
    reached, at, last, rest = leaf_hash(leaf), position, size - 1, list(path)
    while last > 0:
        if at % 2 == 1 or at < last:
            if not rest:
                return False
            beside = rest.pop(0)
            reached = node_hash(beside, reached) if at % 2 else node_hash(reached, beside)
        at, last = at // 2, last // 2
    return not rest and reached == root


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    if not leaves:
        raise ValueError("a tree has at least one leaf")
    levels = [[leaf_hash(data) for data in leaves]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            above.append(below[-1])
        levels.append(above)
    return levels
