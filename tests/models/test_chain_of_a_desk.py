"""The chain of a desk goes forward only, and a seal gets its one place in it."""

import pytest

from annotations.models import Manifest, ProofChain, Seal
from tests.factories import Team, make_team
from tests.models.refusing import refused_by
from tests.models.test_kept_rows import make_manifest
from tests.without_rules import rules_off

pytestmark = pytest.mark.django_db


def test_the_head_of_a_chain_that_is_ahead_of_its_files_is_not_wound_back(team: Team) -> None:
    chain, _ = ProofChain.objects.get_or_create(desk=team.desk)
    first = make_manifest(team)
    second = make_manifest(team, number=2, previous=first.sha256, body="[]")
    heads = ProofChain.objects.filter(pk=chain.pk)
    heads.update(number=2, sha256=second.sha256)

    with refused_by("proof_chain_forward"):
        heads.update(number=1, sha256=first.sha256)
    heads.update(kept_number=1)

    assert heads.values_list("number", "sha256", "kept_number").get() == (2, second.sha256, 1)


def test_the_head_of_a_chain_is_no_manifest_of_another_desk(team: Team) -> None:
    chain, _ = ProofChain.objects.get_or_create(desk=team.desk)
    mine, theirs = make_manifest(team), make_manifest(make_team(), body="[]")
    heads = ProofChain.objects.filter(pk=chain.pk)

    with refused_by("proof_chain_forward"):
        heads.update(number=1, sha256=theirs.sha256)
    heads.update(number=1, sha256=mine.sha256)

    assert heads.values_list("number", "sha256").get() == (1, mine.sha256)


def test_a_chain_that_has_no_manifest_yet_can_be_written_again(team: Team) -> None:
    chain, _ = ProofChain.objects.get_or_create(desk=team.desk)

    assert ProofChain.objects.filter(pk=chain.pk, number=0).update(kept_number=0) == 1


def make_seal(team: Team) -> Seal:
    return Seal.objects.create(
        desk=team.desk, kinds=["review"], row_ids=[1], hashes=["0" * 64], public_key="k", signature="s"
    )


def link(team: Team, kind: str) -> Manifest:
    manifest = make_manifest(team, body=f'{{"kind":"{kind}"}}')
    with rules_off("annotations_manifest"):
        Manifest.objects.filter(pk=manifest.pk).update(kind=kind)
    return manifest


def test_a_seal_gets_its_place_in_the_chain_of_its_desk_once(team: Team) -> None:
    other = make_team()
    seal, mine, theirs = make_seal(team), link(team, "entries"), link(other, "entries")
    seals = Seal.objects.filter(pk=seal.pk)

    with refused_by("seal_chained_once"):
        seals.update(manifest=theirs)
    with refused_by("seal_chained_once"):
        seals.update(manifest=mine, signature="another")
    with refused_by("seal_chained_once"):
        seals.update(manifest=None)
    seals.update(manifest=mine)
    with refused_by("seal_chained_once"):
        seals.update(manifest=mine)

    seal.refresh_from_db()
    assert (seal.manifest, seal.signature) == (mine, "s")


def test_a_seal_stands_in_no_manifest_of_a_capture(team: Team) -> None:
    seal, manifest = make_seal(team), make_manifest(team)

    with refused_by("seal_chained_once"):
        Seal.objects.filter(pk=seal.pk).update(manifest=manifest)

    seal.refresh_from_db()
    assert seal.manifest is None
