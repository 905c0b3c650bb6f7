import hashlib
import io
import zipfile

import pytest

from annotations.archiving import zip_writing
from annotations.archiving.zip_bytes import BrokenZip, read_zip
from annotations.archiving.zip_writing import write_zip


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    size = write_zip(out, {name: io.BytesIO(data) for name, data in files.items()})
    assert size == len(out.getvalue())
    return out.getvalue()


FILES = {"b/two.txt": b"two", "a.txt": b"one", "empty": b""}


def test_other_programs_read_what_is_written() -> None:
    with zipfile.ZipFile(io.BytesIO(_zip(FILES))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(FILES)
        assert {name: archive.read(name) for name in FILES} == FILES


def test_the_bytes_are_those_of_every_earlier_version() -> None:
    expected = "d2ece13ed0488bcfe56cc0491376745d36c7c0ff89070a62deebebb01aa62979"
    assert hashlib.sha256(_zip(FILES)).hexdigest() == expected


def test_what_does_not_fit_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_writing, "_MOST", 1000)
    with pytest.raises(ValueError, match="too large"):
        _zip({"a": bytes(600), "b": bytes(600)})


def test_the_order_of_the_files_changes_nothing() -> None:
    assert _zip(FILES) == _zip(dict(reversed(FILES.items())))


def test_every_flipped_bit_is_found() -> None:
    data = _zip(FILES)
    assert list(read_zip(io.BytesIO(data))) == sorted(FILES)
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BrokenZip):
            read_zip(io.BytesIO(bytes(flipped)))


def test_every_cut_and_every_addition_is_found() -> None:
    data = _zip(FILES)
    for other in (*(data[:size] for size in range(len(data))), data + b"\x00", b"\x00" + data):
        with pytest.raises(BrokenZip):
            read_zip(io.BytesIO(other))


@pytest.mark.parametrize("name", ["../up", "/root", "a//b", "A", "a b", "", "a/", "a\n", "é", ".hidden"])
def test_a_name_that_could_lead_elsewhere_is_not_written(name: str) -> None:
    with pytest.raises(ValueError, match="plain name"):
        _zip({name: b""})


def test_a_file_of_another_program_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../etc/passwd", "root")
    with pytest.raises(BrokenZip):
        read_zip(out)


def test_a_bomb_is_refused_before_anything_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(50_000_000))
    with pytest.raises(BrokenZip):
        read_zip(out)
