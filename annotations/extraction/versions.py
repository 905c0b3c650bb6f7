"""What makes a reading what it is. The same bytes read by the same versions give the same reading."""

from importlib.metadata import version

# Raised whenever the same bytes may come out otherwise.
EXTRACTION = "4"
# Set for a file that none of our readers took.
UNREAD = f"factcheck-reading/{EXTRACTION}"


def reader(*libraries: str) -> str:
    """The name of a reader: our own version and those of the libraries it leans on, as `name/version`."""
    return " ".join([UNREAD, *(f"{library}/{version(library)}" for library in libraries)])
