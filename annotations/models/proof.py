"""What makes a capture provable: a signed chain of manifests for each desk, and time stamps on it."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.proof.kinds import ManifestKind, StampState
from annotations.models.capture import Capture
from annotations.models.constraints import append_only, choices_of, one_of
from annotations.models.desk import Desk
from annotations.models.evidence import Evidence
from annotations.models.guards import Guard, NeverEmptied, Protect
from annotations.models.leased_job import LeasedJob, due_index, in_flight_index, lease_constraints


class ProofChain(models.Model):
    """The head of a desk's chain, locked to append. `kept_number` is the last manifest written as a file."""

    desk = models.OneToOneField(Desk, on_delete=models.PROTECT, primary_key=True, related_name="proof_chain")
    number = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    kept_number = models.PositiveBigIntegerField(default=0)

    class Meta:
        triggers = (
            Protect(name="proof_chain_not_deleted", operation=pgtrigger.Delete),
            NeverEmptied(name="proof_chain_never_emptied"),
            Guard(
                name="proof_chain_forward",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                IF NEW.desk_id <> OLD.desk_id OR NEW.number < OLD.number OR NEW.kept_number < OLD.kept_number
                    OR NEW.kept_number > NEW.number
                    OR (NEW.number, NEW.sha256) <> (OLD.number, OLD.sha256) AND NOT EXISTS (
                        SELECT 1 FROM annotations_manifest m
                        WHERE m.desk_id = NEW.desk_id AND m.number = NEW.number AND m.sha256 = NEW.sha256
                    ) THEN
                    RAISE EXCEPTION 'the head of a chain only goes forward, to a manifest that is there'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'proof_chain_forward';
                END IF;
                RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.desk_id}: {self.number}"


class Manifest(models.Model):
    """One link of a desk's chain: canonical JSON, its hash, the hash of the link before, a signature.

    `body` is exactly what was hashed and signed.
    """

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="manifests", db_index=False)
    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=10, choices=choices_of(ManifestKind))
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, null=True, related_name="manifests")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, related_name="manifests")
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    public_key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            one_of("manifest_kind_known", "kind", ManifestKind),
            models.UniqueConstraint(name="manifest_number_unique", fields=["desk", "number"]),
            models.UniqueConstraint(
                name="manifest_once_a_capture", fields=["capture"], condition=Q(kind="capture")
            ),
            models.CheckConstraint(
                name="manifest_hash_of_body",
                condition=Q(
                    sha256=models.Func(
                        models.Func(
                            models.Func(
                                models.F("body"),
                                models.Value("UTF8"),
                                function="convert_to",
                                output_field=models.BinaryField(),
                            ),
                            function="sha256",
                            output_field=models.BinaryField(),
                        ),
                        models.Value("hex"),
                        function="encode",
                        output_field=models.TextField(),
                    )
                ),
            ),
        )
        triggers = (
            append_only("manifest_append_only"),
            NeverEmptied(name="manifest_never_emptied"),
            Guard(
                name="manifest_follows",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                IF NEW.number = 1 AND NEW.previous_sha256 = '' THEN
                    RETURN NEW;
                END IF;
                PERFORM 1 FROM annotations_manifest m
                    WHERE m.desk_id = NEW.desk_id AND m.number = NEW.number - 1
                        AND m.sha256 = NEW.previous_sha256;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'a manifest follows the last one of its desk'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'manifest_follows';
                END IF;
                RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.desk_id} manifest {self.number}"


class StampBatch(models.Model):
    """Manifests gathered under one Merkle root, so that one time stamp serves them all."""

    root_sha256 = models.CharField(max_length=64)
    leaf_count = models.PositiveIntegerField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = (append_only("stamp_batch_append_only"), NeverEmptied(name="stamp_batch_never_emptied"))

    def __str__(self) -> str:
        return f"batch {self.pk} of {self.leaf_count}"


class StampLeaf(models.Model):
    """The place of one manifest in a batch, with the hashes that lead from it to the root."""

    batch = models.ForeignKey(StampBatch, on_delete=models.PROTECT, related_name="leaves", db_index=False)
    manifest = models.OneToOneField(Manifest, on_delete=models.PROTECT, related_name="leaf")
    position = models.PositiveIntegerField()
    path = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(name="stamp_leaf_position", fields=["batch", "position"]),)
        triggers = (append_only("stamp_leaf_append_only"), NeverEmptied(name="stamp_leaf_never_emptied"))

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.position}"


class Stamp(LeasedJob):
    """The time stamp of one authority on one batch: a job until it is held, then never changed.

    `token` is the DER of the RFC 3161 token, `stamped_at` the time the authority vouches for.
    """

    running = StampState.ASKING.value

    batch = models.ForeignKey(StampBatch, on_delete=models.PROTECT, related_name="stamps", db_index=False)
    authority = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=choices_of(StampState), default=StampState.QUEUED.value)
    token = models.BinaryField(null=True)
    serial = models.CharField(max_length=80, blank=True)
    stamped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            one_of("stamp_state_known", "state", StampState),
            models.UniqueConstraint(name="stamp_once_an_authority", fields=["batch", "authority"]),
            models.CheckConstraint(
                name="stamp_held_whole",
                condition=~Q(state="held") | Q(token__isnull=False, stamped_at__isnull=False),
            ),
            # A held stamp has its own time, and those from before `finished_at` have no other.
            *lease_constraints("stamp", running="asking"),
        )
        indexes = (due_index("stamp_due"), in_flight_index("stamp_in_flight", running="asking"))
        triggers = (
            Protect(name="stamp_held", operation=pgtrigger.Update, condition=pgtrigger.Q(old__state="held")),
            Protect(name="stamp_not_deleted", operation=pgtrigger.Delete),
            NeverEmptied(name="stamp_never_emptied"),
        )

    def __str__(self) -> str:
        return f"{self.authority} on batch {self.batch_id}: {self.state}"
