"""Check time stamps: each leads from manifests that are there, through a Merkle root, to an authority."""

from collections.abc import Mapping, Sequence

from annotations.archiving.layout import kind_of, manifest_name
from annotations.archiving.shelf import Shelf
from annotations.archiving.stamp_batches import BadBatch, Stamped, read_batch, read_inclusion
from annotations.archiving.timestamps import CannotStamp, StampRefused, check_token


def check_stamps(
    shelf: Shelf, stated: Mapping[str, Stamped], roots: Sequence[bytes], *, only_desk: str = ""
) -> None:
    """Check batches, proofs of inclusion and tokens, and add the findings to those of `shelf`.

    `stated` are the manifests that hold, by hash. `roots` are PEM files of the authorities to trust. With
    `only_desk` the manifests of other desks are skipped.
    """
    good: set[str] = set()
    for name in sorted(shelf.names("batch") | shelf.names("inclusion")):
        try:
            root, manifests = _batch_in(shelf, name)
        except (BadBatch, OSError) as error:
            shelf.findings.problem(name, f"does not hold: {error}")
            continue
        good.add(root)
        for stamped in manifests:
            if only_desk and stamped.desk not in ("", only_desk):
                continue
            known = stated.get(stamped.sha256)
            if known is None or (stamped.number and known != stamped):
                where = manifest_name(stamped.desk, stamped.number) if stamped.number else stamped.sha256
                shelf.findings.problem(name, f"the manifest {where} that it lists is missing or was changed")
    for name in sorted(shelf.names("token")):
        root = kind_of(name)[1]["root"]
        if shelf.holds(name):
            _check_token(shelf, name, root, roots)
        if root not in good:
            shelf.findings.problem(name, "stamps a root that nothing leads to")


def _batch_in(shelf: Shelf, name: str) -> tuple[str, list[Stamped]]:
    kind, parts = kind_of(name)
    data = shelf.small(name)
    if kind == "batch":
        batch = read_batch(data)
        root, manifests = batch.root, list(batch.manifests)
    else:
        proof = read_inclusion(data)
        root, manifests = proof.root, [Stamped("", 0, proof.manifest)]
        if proof.manifest != parts["manifest"]:
            raise BadBatch("it is about another manifest")
    if root != parts["root"]:
        raise BadBatch("it is about another root")
    return root, manifests


def _check_token(shelf: Shelf, name: str, root: str, roots: Sequence[bytes]) -> None:
    try:
        token = check_token(shelf.small(name), bytes.fromhex(root), roots)
    except StampRefused as refused:
        shelf.findings.problem(name, refused.sentence)
        return
    except CannotStamp as error:
        shelf.findings.gap("timestamps", f"to check time stamps, install the Python package {error}")
        return
    when = f"{token.stamped_at:%Y-%m-%d %H:%M:%S} UTC by {token.authority}"
    if token.trusted:
        shelf.findings.note(name, f"stamped {when}")
    else:
        shelf.findings.gap(name, f"says {when}; give the authority's root certificate to check that it is")
