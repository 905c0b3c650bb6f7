"""A time-stamping authority, and a desk with stamped files."""

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from annotations.archiving.stamp_batches import Batch
from tests.archiving.authority import Authority
from tests.archiving.making import Desk, full_desk


class Kept(NamedTuple):
    """A desk with four manifests (a page, a passage in it, a broken page, an upload), all stamped."""

    desk: Desk
    batch: Batch
    authority: Authority

    @property
    def files(self) -> Mapping[str, bytes]:
        return self.desk.files


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    authority = Authority(tmp_path_factory.mktemp("authority") / "clock", "Clock")
    desk = full_desk()
    return Kept(desk, desk.stamp(authority), authority)
