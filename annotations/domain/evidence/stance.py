"""The stance of evidence towards a claim."""

from enum import StrEnum


class Stance(StrEnum):
    """What a source does to the claim."""

    SUPPORTS = "supports"
    REFUTES = "refutes"
    CONTEXT = "context"

    @property
    def label(self) -> str:
        return self.value.capitalize()
