"""The names of extractors. The same bytes and the same versions give the same extraction."""

from importlib.metadata import version

# Raised whenever the same bytes may come out otherwise.
EXTRACTION = "4"
# For a file that none of our extractors takes. Kept with captures, so the word in it stays.
UNREAD = f"factcheck-reading/{EXTRACTION}"


def extractor(*libraries: str) -> str:
    """Return the name of an extractor: our version and those of the libraries it uses, as `name/version`."""
    return " ".join([UNREAD, *(f"{library}/{version(library)}" for library in libraries)])
