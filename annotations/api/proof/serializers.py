"""What proves a capture, link by link, and the keys that sign, as the API shows them."""

import json
from base64 import b64encode
from typing import Any

from rest_framework import serializers

from annotations.api.endpoint import MomentField, Output
from annotations.domain.proof.kinds import ManifestKind, StampState

MANIFEST_KINDS = [kind.value for kind in ManifestKind]
STAMP_STATES = [state.value for state in StampState]


class EnvelopeOut(Output):
    """A signed manifest as it is kept. Its file is these members as canonical JSON."""

    manifest = serializers.CharField(
        source="body", trim_whitespace=False, help_text="The canonical JSON that was signed."
    )
    sha256 = serializers.CharField()
    key = serializers.CharField()
    public_key = serializers.CharField(help_text="Ed25519, in hexadecimal.")
    signature = serializers.CharField()


class InclusionOut(Output):
    """The hashes that lead from a manifest to the root of its batch, as RFC 6962 has them."""

    root_sha256 = serializers.CharField(source="root", help_text="What was time-stamped.")
    position = serializers.IntegerField()
    size = serializers.IntegerField(help_text="Of the batch.")
    siblings = serializers.ListField(source="path", child=serializers.CharField())


class TokenOut(Output):
    """The time stamp of one authority."""

    authority = serializers.CharField()
    state = serializers.ChoiceField(STAMP_STATES)
    at = MomentField(source="stamped_at", allow_null=True)
    token = serializers.SerializerMethodField()

    def get_token(self, stamp: Any) -> str:
        """Return the token of RFC 3161, DER in base64; empty until it is held."""
        return b64encode(bytes(stamp.token)).decode() if stamp.token else ""


class LinkOut(Output):
    """A link of the desk's chain that speaks of a capture, or of a passage chosen in it."""

    number = serializers.IntegerField(source="manifest.number")
    kind = serializers.ChoiceField(MANIFEST_KINDS, source="manifest.kind")
    evidence = serializers.IntegerField(source="manifest.evidence_id", allow_null=True)
    made_at = MomentField(source="manifest.made_at")
    previous = serializers.CharField(source="manifest.previous_sha256", allow_blank=True)
    envelope = EnvelopeOut(source="sealed")
    inclusion = InclusionOut(allow_null=True, help_text="Null until it is gathered for time stamps.")
    stamps = TokenOut(many=True)


class KeyOut(Output):
    """A public key that signed for the desk."""

    name = serializers.CharField(help_text="As manifests name it.")
    public_key = serializers.CharField(help_text="Ed25519, in hexadecimal.")
    first_at = MomentField()
    last_at = MomentField()
    count = serializers.IntegerField(help_text="Manifests it signed.")


BODY_SHA256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
TEXT_SHA256 = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"
LINK_SHA256 = "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7"
BEFORE_SHA256 = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
PUBLIC_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
LINK: dict[str, Any] = {
    "number": 12,
    "kind": "capture",
    "evidence": None,
    "made_at": "2019-04-30T18:30:05Z",
    "previous": BEFORE_SHA256,
    "envelope": {
        "manifest": json.dumps({"kind": "capture", "number": 12}, separators=(",", ":")),
        "sha256": LINK_SHA256,
        "key": "8a1f0c2b7d3e4f56",
        "public_key": PUBLIC_KEY,
        "signature": PUBLIC_KEY + BEFORE_SHA256,
    },
    "inclusion": {"root_sha256": TEXT_SHA256, "position": 0, "size": 2, "siblings": [BODY_SHA256]},
    "stamps": [
        {
            "authority": "https://time.example/tsa",
            "state": "held",
            "at": "2019-04-30T19:00:01Z",
            "token": "MIIC…",
        }
    ],
}
KEY: dict[str, Any] = {
    "name": "8a1f0c2b7d3e4f56",
    "public_key": PUBLIC_KEY,
    "first_at": "2019-04-30T18:30:05Z",
    "last_at": "2019-05-02T09:00:00Z",
    "count": 214,
}
