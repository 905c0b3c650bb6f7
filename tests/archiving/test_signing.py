import base64

import pytest

from annotations.archiving.canonical import NotCanonical, canonical
from annotations.archiving.signing import BadEnvelope, SigningKey, is_signed, key_id, new_seed, open_envelope
from tests.archiving.making import SEED

_MANIFEST = {"format": "factcheck-manifest", "words": "“Fifty”", "number": 7}


def test_a_sealed_manifest_opens_as_it_was() -> None:
    sealed = SigningKey(SEED).seal(_MANIFEST)
    manifest, opened = open_envelope(sealed.envelope())
    assert (manifest, opened) == (_MANIFEST, sealed)
    assert is_signed(sealed.body.encode(), sealed.signature, sealed.public_key)
    assert sealed.key == key_id(sealed.public_key)


def test_the_same_manifest_gets_the_same_signature() -> None:
    key = SigningKey(SEED)
    assert key.seal(_MANIFEST) == key.seal(dict(reversed(_MANIFEST.items())))


def test_every_flipped_bit_of_an_envelope_is_found() -> None:
    envelope = SigningKey(SEED).seal(_MANIFEST).envelope()
    for bit in range(len(envelope) * 8):
        flipped = bytearray(envelope)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadEnvelope):
            open_envelope(bytes(flipped))


def test_the_parts_of_two_envelopes_do_not_mix() -> None:
    one, other = SigningKey(SEED).seal(_MANIFEST), SigningKey(new_seed()).seal(_MANIFEST)
    parts = {"manifest": one.body, "sha256": one.sha256, "key": one.key}
    with pytest.raises(BadEnvelope, match="signature"):
        open_envelope(canonical(parts | {"public_key": one.public_key, "signature": other.signature}))
    with pytest.raises(BadEnvelope, match="name of the key"):
        open_envelope(canonical(parts | {"public_key": other.public_key, "signature": other.signature}))


@pytest.mark.parametrize("seed", ["", "short", "%%%", base64.b64encode(b"x" * 31).decode(), "é" * 44])
def test_a_seed_that_is_none_is_refused_without_repeating_it(seed: str) -> None:
    with pytest.raises(ValueError, match="the seed of a signing key") as refused:
        SigningKey(seed)
    assert not seed or seed not in str(refused.value)


def test_a_key_does_not_show_its_seed() -> None:
    key = SigningKey(SEED)
    assert SEED not in repr(key) + repr(vars(key))


def test_a_manifest_without_one_way_to_write_it_is_not_signed() -> None:
    with pytest.raises(NotCanonical):
        SigningKey(SEED).seal({"share": 0.5})
