import hashlib
import io
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import brotli
import pytest

from annotations.archiving import timestamps
from annotations.archiving.findings import Findings, Folder
from annotations.archiving.kept_checks import KeptCheck
from annotations.archiving.layout import body_name, manifest_name, text_name
from annotations.archiving.signing import SigningKey, new_seed
from annotations.domain import content_codings
from tests.archiving.authority import Authority
from tests.archiving.conftest import Kept
from tests.archiving.making import PAGE, TEXT, Desk, full_desk, places, plain_response

URL = "https://paper.example/a"


class InMemory:
    """Kept files without a disk."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def names(self) -> Iterator[str]:
        yield from self._files

    def open(self, name: str) -> IO[bytes]:
        if name not in self._files:
            raise FileNotFoundError(name)
        return io.BytesIO(self._files[name])


def _check(files: Mapping[str, bytes], **more: Any) -> Findings:
    return KeptCheck(InMemory(files), **more).run()


def _problems(files: Mapping[str, bytes], **more: Any) -> list[str]:
    return [str(problem) for problem in _check(files, **more).problems]


def test_what_was_kept_holds(kept: Kept) -> None:
    found = _check(kept.files, roots=[kept.authority.root], keys=[kept.desk.key.public_key])
    assert (found.problems, found.gaps, found.exit_code) == ([], [], 0)
    assert len(found.notes) == 1
    assert "by CN=Clock" in found.notes[0].sentence
    assert found.checked >= len(kept.files)


def test_one_flipped_bit_in_any_file_is_found(kept: Kept) -> None:
    for name, data in kept.files.items():
        for bit in places(data, 40):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            found = _check({**kept.files, name: bytes(flipped)}, roots=[kept.authority.root])
            assert name in {problem.name for problem in found.problems}, (name, bit)


def test_a_truncated_file_is_found(kept: Kept) -> None:
    for name, data in kept.files.items():
        for size in (0, len(data) // 2, len(data) - 1):
            found = _check({**kept.files, name: data[:size]}, roots=[kept.authority.root])
            assert name in {problem.name for problem in found.problems}, (name, size)


def test_a_missing_file_is_found(kept: Kept) -> None:
    for name in kept.files:
        rest = {other: data for other, data in kept.files.items() if other != name}
        found = _check(rest, roots=[kept.authority.root])
        if name.endswith(".tst"):
            # No other file shows that there was a stamp: the list alone says nothing of it.
            assert found.problems == []
        else:
            assert found.problems, name


def test_two_swapped_files_are_found(kept: Kept) -> None:
    names = sorted(kept.files)
    for one, other in itertools.pairwise(names):
        swapped = {**kept.files, one: kept.files[other], other: kept.files[one]}
        found = {problem.name for problem in _check(swapped, roots=[kept.authority.root]).problems}
        assert {one, other} <= found, (one, other)


def test_a_file_that_belongs_to_nothing_is_mentioned(kept: Kept) -> None:
    name = body_name(hashlib.sha256(b"new").hexdigest())
    found = _check({**kept.files, name: b"new", "signing/notes": b""}, roots=[kept.authority.root])
    assert found.problems == []
    assert f"{name}: belongs to no manifest" in map(str, found.notes)
    assert "signing/notes: is no kept file; it was not looked at" in map(str, found.notes)


def test_a_manifest_taken_out_of_the_middle_is_named() -> None:
    desk = full_desk()
    del desk.files[manifest_name("7", 2)]
    del desk.files[manifest_name("7", 3)]
    assert "manifests/7/4.json: the chain is broken: numbers 2 to 3 before it missing" in _problems(
        desk.files
    )


def test_a_manifest_slipped_into_another_place_is_found() -> None:
    desk = full_desk()
    desk.files[manifest_name("7", 5)] = desk.files[manifest_name("7", 4)]
    assert _problems(desk.files) == ["manifests/7/5.json: the manifest belongs to another place in the chain"]


def test_the_chain_of_another_desk_does_not_pass_for_ours() -> None:
    ours, theirs = full_desk(), Desk(name="8")
    theirs.upload(b"other")
    files = {**ours.files, **theirs.files}
    assert _problems(files) == []
    files[manifest_name("7", 5)] = theirs.files[manifest_name("8", 1)]
    assert _problems(files) == ["manifests/7/5.json: the manifest belongs to another place in the chain"]


def test_a_link_that_does_not_follow_is_found() -> None:
    desk = full_desk()
    fork = json.loads(desk.sealed[3].body)
    fork["chain"]["previous"] = desk.sealed[0].sha256
    files = {**desk.files, manifest_name("7", 4): desk.key.seal(fork).envelope()}
    assert _problems(files) == ["manifests/7/4.json: does not follow the manifest before it"]


def _forged(change: Callable[[dict[str, Any]], None]) -> dict[str, bytes]:
    """A desk whose first manifest was changed by somebody who has the key and signed everything again."""
    honest, desk = full_desk(), Desk()
    desk.files |= {name: data for name, data in honest.files.items() if not name.startswith("manifests/")}
    for sealed in honest.sealed:
        manifest = json.loads(sealed.body)
        if manifest["chain"]["number"] == 1:
            change(manifest)
        manifest["chain"]["previous"] = desk.link().previous
        for passage in manifest.get("passages", ()):
            passage["capture_manifest"] = desk.sealed[0].sha256
        desk.seal(manifest)
    return desk.files


def test_a_chain_signed_anew_is_found_by_the_stamp_the_key_or_a_noted_hash(kept: Kept) -> None:
    own = Desk(key=SigningKey(new_seed()))
    page = own.page([(URL, plain_response(b"a lie"))], b"a lie", text="a lie")
    own.passage(page, "lie", text="a lie")
    assert _problems(own.files) == []
    assert _problems(own.files, heads=[kept.desk.sealed[0].sha256]) == [
        f"manifests: the manifest {kept.desk.sealed[0].sha256} is missing"
    ]
    assert len(_problems(own.files, keys=[kept.desk.key.public_key])) == 2
    stamped = {name: data for name, data in kept.files.items() if name.startswith("timestamps/")}
    assert len(_problems({**own.files, **stamped}, roots=[kept.authority.root])) == 4


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda m: m["capture"].update(status=404), "does not show the answer 404"),
        (lambda m: m["capture"]["hops"].pop(), "does not show the requests"),
        (lambda m: m["capture"]["hops"][0].update(address="198.51.100.1"), "does not show the requests"),
        (lambda m: m["capture"]["hops"][0].update(url="https://x.example/"), "does not show the requests"),
        (lambda m: m["payload"].update(size=5), "has another size"),
        (lambda m: m["text"].update(size=5), "has another size"),
        (lambda m: m["wire"].update(size=5), "is not the exchange"),
        (lambda m: m["payload"].update(sha256=hashlib.sha256(b"%PDF-1.7 what I saw").hexdigest(), size=19),
         "the page in it is not the one"),
        (lambda m: m.update(version=2), "another form"),
        (lambda m: m.update(more=1), "another form"),
        (lambda m: m.update(wire="x"), "another form"),
        (lambda m: m["capture"]["hops"][0].update(sent_bytes="1"), "another form"),
        (lambda m: m["capture"]["hops"][0].update(more=1), "another form"),
        (lambda m: m.update(made_at="yesterday"), "another form"),
        (lambda m: m["software"].update(x=1), "another form"),
    ],
)  # fmt: skip
def test_a_statement_that_the_files_contradict_is_found(
    change: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    assert _problems(_forged(lambda manifest: None)) == []
    problems = _problems(_forged(change))
    assert any(sentence in problem for problem in problems), problems


def test_a_passage_that_is_not_where_it_is_stated_is_found() -> None:
    desk = full_desk()
    desk.passage(desk.sealed[0], "fifty", move=1)
    assert _problems(desk.files) == [
        "manifests/7/5.json: the passage of evidence e1 does not stand in the text there"
    ]


def test_a_passage_from_the_text_of_another_capture_is_found() -> None:
    desk = full_desk()
    desk.passage(desk.sealed[2], "fifty")
    assert _problems(desk.files) == ["manifests/7/5.json: relies on another text than its capture"]


def test_a_passage_counts_code_points() -> None:
    desk = full_desk()
    assert "\N{GRINNING FACE}" in TEXT
    desk.passage(desk.sealed[0], "\N{GRINNING FACE}")
    assert _problems(desk.files) == []


def test_a_page_that_breaks_off_has_to_be_stated_so() -> None:
    desk = Desk()
    desk.page([(URL, plain_response()[:-9])], PAGE[:-9])
    assert any("breaks off, and nobody stated that" in problem for problem in _problems(desk.files))


def test_a_broken_page_is_compared_as_far_as_it_can_be_unpacked() -> None:
    desk = Desk()
    desk.page([(URL, plain_response()[:-9])], PAGE, cut="disconnect")
    assert _problems(desk.files) == []
    other = Desk()
    other.page([(URL, plain_response()[:-9])], b"<x" + PAGE[2:], cut="disconnect")
    assert any("not the one that was kept" in problem for problem in _problems(other.files))


def test_a_page_that_an_earlier_version_kept_without_its_end_holds() -> None:
    # The old version kept only the first output of a long brotli page, and stated that the page broke off.
    page = b"<tr><td>0</td></tr>" * 20_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n" + brotli.compress(page)
    desk = Desk()
    desk.page([(URL, answer)], page[:98_272], cut="disconnect")
    assert _problems(desk.files) == []


def test_a_key_that_may_not_sign_is_named(kept: Kept) -> None:
    problems = _problems(kept.files, keys=["00" * 32], roots=[kept.authority.root])
    assert len(problems) == 4
    assert all(f"is signed with key {kept.desk.key.key_id}" in problem for problem in problems)


def test_the_token_of_an_authority_that_nobody_trusts_does_not_hold(kept: Kept, tmp_path: Path) -> None:
    problems = _problems(kept.files, roots=[Authority(tmp_path / "other", "Other").root])
    assert len(problems) == 1
    assert "leads to no root that is trusted" in problems[0]


def test_without_roots_a_stamp_counts_as_not_checked(kept: Kept) -> None:
    found = _check(kept.files)
    assert (found.problems, len(found.gaps), found.exit_code) == ([], 1, 2)


def test_without_the_library_stamps_count_as_not_checked(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timestamps, "rfc3161_client", None)
    found = _check(kept.files, roots=[kept.authority.root])
    assert [str(gap) for gap in found.gaps] == [
        "timestamps: to check time stamps, install the Python package rfc3161-client"
    ]
    assert found.exit_code == 2


def test_without_the_library_a_page_counts_as_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.page([(URL, b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n" + brotli.compress(b"page"))], b"page")
    assert _check(desk.files).exit_code == 0
    monkeypatch.setattr(content_codings, "brotli", None)
    found = _check(desk.files)
    assert (found.problems, found.exit_code) == ([], 2)
    assert "brotli" in found.gaps[0].sentence


def test_a_text_file_that_holds_no_text_is_found() -> None:
    desk = full_desk()
    name = text_name(hashlib.sha256(TEXT.encode()).hexdigest())
    assert any(name in problem for problem in _problems({**desk.files, name: b"\xff"}))


def test_a_manifest_of_many_megabytes_is_not_read(kept: Kept) -> None:
    name = manifest_name("7", 4)
    problems = _problems({**kept.files, name: b"[" * (8 * 1024 * 1024 + 1)}, roots=[kept.authority.root])
    assert f"{name}: is larger than 8388608 bytes" in problems


def test_one_desk_can_be_checked_by_itself() -> None:
    ours, theirs = full_desk(), Desk(name="8")
    theirs.upload(b"other")
    files = {**ours.files, **theirs.files}
    del files[manifest_name("7", 2)]
    assert _problems(files, only_desk="8") == []
    assert len(_problems(files, only_desk="7")) == 1


def test_a_folder_is_read_as_it_lies(kept: Kept, tmp_path: Path) -> None:
    folder = kept.desk.write(tmp_path / "data")
    seen: list[str] = []
    found = KeptCheck(Folder(folder), roots=[kept.authority.root], progress=seen.append).run()
    assert (found.problems, found.gaps) == ([], [])
    assert set(seen) == set(kept.files)


def test_a_link_out_of_the_folder_is_not_followed(kept: Kept, tmp_path: Path) -> None:
    folder = kept.desk.write(tmp_path / "data")
    name = manifest_name("7", 1)
    (tmp_path / "elsewhere.json").write_bytes(kept.files[name])
    (folder / name).unlink()
    (folder / name).symlink_to(tmp_path / "elsewhere.json")
    assert any(problem.name == name for problem in KeptCheck(Folder(folder)).run().problems)
    with pytest.raises(FileNotFoundError):
        Folder(folder / "manifests").open("../captures")
