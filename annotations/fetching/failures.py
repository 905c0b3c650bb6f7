"""The one exception that says why a page could not be fetched."""

from datetime import timedelta

from annotations.domain.fetches.outcomes import OUTCOMES, sentence_of
from annotations.domain.hops import Hop


class FetchFailed(Exception):
    """No usable answer came back.

    `code` stands in the table of fetch outcomes, `detail` is for operators, `hops` are the
    steps made before it failed, `retry_after` is what the site asked for, if it did.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        hops: tuple[Hop, ...] = (),
        retry_after: timedelta | None = None,
    ) -> None:
        if code not in OUTCOMES:
            raise ValueError(f"{code!r} is no fetch outcome")
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.hops = hops
        self.retry_after = retry_after

    @property
    def sentence(self) -> str:
        """What people read."""
        return sentence_of(self.code)
