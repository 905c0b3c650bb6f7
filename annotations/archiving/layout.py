"""Where each kept file stands: names made from hashes, so that a name says what belongs in it."""

import re

_KINDS = (
    (re.compile(r"captures/([0-9a-f]{2})/(?P<sha256>\1[0-9a-f]{62})"), "body"),
    (re.compile(r"texts/([0-9a-f]{2})/(?P<sha256>\1[0-9a-f]{62})\.txt"), "text"),
    (re.compile(r"wire/([0-9a-f]{2})/(?P<sha256>\1[0-9a-f]{62})\.warc\.gz"), "wire"),
    (re.compile(r"manifests/(?P<desk>[a-z0-9-]{1,40})/(?P<number>[1-9][0-9]{0,14})\.json"), "manifest"),
    (re.compile(r"timestamps/(?P<root>[0-9a-f]{64})/batch\.json"), "batch"),
    (re.compile(r"timestamps/(?P<root>[0-9a-f]{64})/(?P<manifest>[0-9a-f]{64})\.json"), "inclusion"),
    (re.compile(r"timestamps/(?P<root>[0-9a-f]{64})/(?P<sha256>[0-9a-f]{64})\.tst"), "token"),
)


def body_name(sha256: str) -> str:
    """The decoded body of a page, or the uploaded file."""
    return f"captures/{sha256[:2]}/{sha256}"


def text_name(sha256: str) -> str:
    """The text that was read from a page, in UTF-8."""
    return f"texts/{sha256[:2]}/{sha256}.txt"


def wire_name(sha256: str) -> str:
    """The exchange with the site, a WARC file."""
    return f"wire/{sha256[:2]}/{sha256}.warc.gz"


def manifest_name(desk: str, number: int) -> str:
    """The envelope of a signed manifest; `desk` in lower-case letters, digits and hyphens."""
    return f"manifests/{desk}/{number}.json"


def batch_name(root: str) -> str:
    """The list of the manifests under one Merkle root."""
    return f"timestamps/{root}/batch.json"


def inclusion_name(root: str, manifest: str) -> str:
    """The proof that one manifest stands under a Merkle root; in downloads, in place of the list."""
    return f"timestamps/{root}/{manifest}.json"


def token_name(root: str, token_sha256: str) -> str:
    """A time stamp on a Merkle root, named by the SHA-256 of its own bytes."""
    return f"timestamps/{root}/{token_sha256}.tst"


def name_in_wacz(name: str) -> str:
    """The name of a kept file inside a WACZ, where readers expect one level of folders."""
    return f"evidence/{name.replace('/', '_')}"


def name_from_wacz(inside: str) -> str:
    """The name that `name_in_wacz` made into this one."""
    return inside.removeprefix("evidence/").replace("_", "/")


def kind_of(name: str) -> tuple[str, dict[str, str]]:
    """What a kept file is by its name, and the parts of the name; an empty kind for any other file."""
    for pattern, kind in _KINDS:
        if match := pattern.fullmatch(name):
            return kind, match.groupdict()
    return "", {}
