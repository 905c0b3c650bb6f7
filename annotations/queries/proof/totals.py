"""How much is kept and how well it is proved, for those who run this copy."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, F, Max, Min, Sum
from django.db.models.functions import Coalesce

from annotations.archiving.signing import key_id
from annotations.models import KeptFile, Manifest, ProofChain, Stamp


@dataclass(frozen=True, slots=True)
class StorageUse:
    """The amount of kept data, in bytes.

    `quota` is 0 if there is none. `unkept_manifests` counts the manifests that are not yet written to files.
    """

    files: int
    used: int
    quota: int
    unkept_manifests: int

    @property
    def share(self) -> float:
        """Return the used part of the quota, from 0 to 1; 0 without a quota."""
        return min(1.0, self.used / self.quota) if self.quota else 0.0


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A public key, in hexadecimal, that signed manifests. `name` is its short form in them."""

    name: str
    public_key: str
    first_at: datetime
    last_at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class AuthorityState:
    """The progress of an authority: how many stamps it gave, how many are waiting, and its last error."""

    authority: str
    held: int
    waiting: int
    error: str


def storage_use() -> StorageUse:
    """Return the size of all kept files; two queries."""
    sums = KeptFile.objects.aggregate(files=Count("pk"), used=Coalesce(Sum("size"), 0))
    behind = ProofChain.objects.aggregate(number=Coalesce(Sum(F("number") - F("kept_number")), 0))
    return StorageUse(
        files=sums["files"],
        used=int(sums["used"]),
        quota=settings.STORAGE_QUOTA,
        unkept_manifests=int(behind["number"]),
    )


def signing_keys(desk_id: int | None = None) -> list[KnownKey]:
    """Return every key that ever signed, for one desk or for all, latest first; one query."""
    rows = Manifest.objects.all() if desk_id is None else Manifest.objects.filter(desk_id=desk_id)
    found = rows.values("public_key").annotate(
        first_at=Min("made_at"), last_at=Max("made_at"), count=Count("pk")
    )
    return [
        KnownKey(key_id(row["public_key"]), row["public_key"], row["first_at"], row["last_at"], row["count"])
        for row in found.order_by("-last_at", "public_key")
    ]


def stamp_states() -> list[AuthorityState]:
    """Return the progress of each authority, by its address; one query."""
    found: dict[str, dict[str, int | str]] = {}
    rows = (
        Stamp.objects.values("authority", "state")
        .annotate(number=Count("pk"), error=Max("error_code"))
        .order_by("authority")
    )
    for row in rows:
        entry = found.setdefault(row["authority"], {"held": 0, "waiting": 0, "error": ""})
        is_held = row["state"] == "held"
        entry["held" if is_held else "waiting"] = int(entry["held" if is_held else "waiting"]) + row["number"]
        entry["error"] = entry["error"] if is_held else row["error"] or entry["error"]
    return [
        AuthorityState(authority, int(entry["held"]), int(entry["waiting"]), str(entry["error"]))
        for authority, entry in found.items()
    ]
