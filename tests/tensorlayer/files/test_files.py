"""Files of tensors: what is written is read back, damage is reported, and nothing is ever half-written."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.errors import FileAccessError, FileFormatError, LibraryNotInstalledError, MissingFileError
from tensorlayer.files import FORMATS, read_tensors, write_tensors
from tensorlayer.files.atomic import replacing

ARCHIVES = [".npz", ".safetensors", ".zarr"]
RNG = np.random.default_rng(5)
TENSORS: dict[str, Any] = {
    "matrix": RNG.normal(size=(5, 7)),
    "transposed": RNG.normal(size=(4, 3, 2)).T,
    "strided": np.arange(20, dtype=np.int32)[::-3],
    "scalar": np.array(2.5),
    "empty": np.zeros((0, 3), np.float32),
    "truth": np.array([True, False]),
    "swapped": np.arange(3, dtype=">f8"),
}


def content(path: Path) -> dict[str, bytes]:
    """Every file at or under a path, byte for byte."""
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    return {str(file.relative_to(path)): file.read_bytes() for file in files}


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert set(found) == set(expected)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype.newbyteorder("=")
        assert found[name].shape == array.shape
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("suffix", ARCHIVES)
def test_archives_come_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"some{suffix}"
    write_tensors(path, TENSORS)
    same(read_tensors(path), TENSORS)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("array", TENSORS.values(), ids=TENSORS)
def test_single_arrays_come_back(tmp_path: Path, array: Any) -> None:
    path = tmp_path / "x.npy"
    write_tensors(path, {"anything": array})
    found = read_tensors(path)
    np.testing.assert_array_equal(found["x"], array)
    assert found["x"].dtype == array.dtype.newbyteorder("=")


@pytest.mark.parametrize("suffix", [".npz", ".zarr"])
def test_complex_numbers_come_back(tmp_path: Path, suffix: str) -> None:
    tensors = {"z": RNG.normal(size=3) + 1j}
    write_tensors(tmp_path / f"z{suffix}", tensors)
    same(read_tensors(tmp_path / f"z{suffix}"), tensors)


@pytest.mark.parametrize("suffix", ARCHIVES)
def test_other_programs_read_them(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"some{suffix}"
    a = TENSORS["matrix"]
    write_tensors(path, {"a": a})
    if suffix == ".npz":
        found = np.load(path)["a"]
    elif suffix == ".zarr":
        found = pytest.importorskip("zarr").open_group(path, mode="r")["a"][...]
    else:
        found = pytest.importorskip("safetensors.numpy").load_file(path)["a"]
    np.testing.assert_array_equal(found, a)


@pytest.mark.parametrize("suffix", ARCHIVES)
def test_only_what_is_wanted_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"some{suffix}"
    write_tensors(path, TENSORS)
    assert set(read_tensors(path, wanted=["matrix", "unknown"])) == {"matrix"}


def test_recorded_tensors_are_computed_first(tmp_path: Path) -> None:
    a = tl.tensor(TENSORS["matrix"])
    write_tensors(tmp_path / "g.npz", {"g": (a["i,j"] * a["k,j"])["i,k"]})
    np.testing.assert_allclose(read_tensors(tmp_path / "g.npz")["g"], TENSORS["matrix"] @ TENSORS["matrix"].T)


def test_single_arrays_are_mapped_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.zeros(1000))
    x = read_tensors(path)["x"]
    with path.open("r+b") as file:
        file.seek(-8, 2)
        file.write(np.array(7.0).tobytes())
    assert x[-1] == 7.0  # the file shows through
    assert type(x) is np.ndarray
    assert not x.flags.writeable


def test_a_program_may_replace_the_file_it_reads(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.arange(3.0))
    x = read_tensors(path)["x"]
    write_tensors(path, {"x": x + 1})
    np.testing.assert_array_equal(x, [0, 1, 2])
    np.testing.assert_array_equal(read_tensors(path)["x"], [1, 2, 3])


def test_a_zarr_store_of_one_array(tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    zarr.save_array(tmp_path / "one.zarr", np.arange(4))
    same(read_tensors(tmp_path / "one.zarr"), {"one": np.arange(4)})


# -- damage ------------------------------------------------------------------------------------------------------


def damage(path: Path, how: str) -> None:
    """Cut every file in half, or write noise into it."""
    for file in [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]:
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2] if how == "cut" else RNG.bytes(len(whole)))


@pytest.mark.parametrize("how", ["cut", "noise"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_damaged_files_are_refused(tmp_path: Path, suffix: str, how: str) -> None:
    path = tmp_path / f"some{suffix}"
    write_tensors(path, {"a": RNG.normal(size=(30, 30))})
    damage(path, how)
    with pytest.raises(FileFormatError, match=f"some{suffix}"):
        read_tensors(path)


@pytest.mark.parametrize("suffix", FORMATS)
def test_empty_files_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"some{suffix}"
    path.touch()
    with pytest.raises(FileFormatError, match=f"some{suffix}"):
        read_tensors(path)


def test_a_cut_chunk_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some.zarr"
    write_tensors(path, {"a": RNG.normal(size=(30, 30))})
    chunk = max((each for each in path.rglob("*") if each.is_file()), key=lambda each: each.stat().st_size)
    chunk.write_bytes(chunk.read_bytes()[:-100])
    with pytest.raises(FileFormatError, match="damaged"):
        read_tensors(path)


def test_python_objects_are_never_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(FileFormatError, match="Python objects"):
        read_tensors(tmp_path / "x.npy")


def test_text_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", words=np.array(["a", "bc"]))
    with pytest.raises(FileFormatError, match="'words' holds <U2, not numbers"):
        read_tensors(tmp_path / "x.npz")


# -- refused before anything changes -----------------------------------------------------------------------------


@pytest.mark.parametrize("call", [read_tensors, lambda path: write_tensors(path, {"a": np.eye(2)})])
def test_an_unknown_suffix_lists_the_known(tmp_path: Path, call: Any) -> None:
    with pytest.raises(FileFormatError, match=r"'\.h5'; there are \.npy \.npz \.safetensors \.zarr"):
        call(tmp_path / "x.h5")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="no such file") as raised:
        read_tensors(tmp_path / "x.npz")
    assert isinstance(raised.value, FileNotFoundError)


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="make it first"):
        write_tensors(tmp_path / "none" / "x.npz", {"a": np.eye(2)})


@pytest.mark.parametrize(
    ("name", "tensors", "reason"),
    [
        ("x.npy", {"a": np.eye(2), "b": np.eye(2)}, "one tensor, not 2"),
        ("x.safetensors", {"z": np.ones(2, complex)}, r"z \(complex128\)"),
        ("x.npz", {"file": np.eye(2)}, "reserves the name 'file'"),
        ("x.zarr", {}, "none to write"),
    ],
)
def test_tensors_that_a_format_cannot_hold(tmp_path: Path, name: str, tensors: Any, reason: str) -> None:
    with pytest.raises(FileFormatError, match=reason):
        write_tensors(tmp_path / name, tensors)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_folder_of_other_things_is_not_replaced(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"thesis{suffix}"
    path.mkdir()
    (path / "chapter").write_text("1")
    with pytest.raises(FileFormatError, match="not replaced"):
        write_tensors(path, {"a": np.eye(2)})
    assert (path / "chapter").read_text() == "1"


@pytest.mark.parametrize("suffix", [".safetensors", ".zarr"])
@pytest.mark.parametrize("call", [read_tensors, lambda path: write_tensors(path, {"a": np.eye(2)})])
def test_a_missing_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, call: Any) -> None:
    path = tmp_path / f"x{suffix}"
    write_tensors(path, {"a": np.eye(2)})
    monkeypatch.setitem(sys.modules, FORMATS[suffix].library, None)
    with pytest.raises(LibraryNotInstalledError, match=r"pip install 'tensorlayer-graph\[files\]'"):
        call(path)


def test_importing_loads_no_library_of_a_format() -> None:
    text = "import sys, tensorlayer.files; print([m for m in ('zarr', 'safetensors') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


# -- nothing is half-written -------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    write_tensors(path, {"a": np.eye(2)})
    before = content(path)
    form = FORMATS[suffix]
    write = type(form).write

    def until_full(self: Any, fresh: Path, tensors: Any) -> None:
        write(self, fresh, tensors)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(type(form), "write", until_full)
    with pytest.raises(FileAccessError, match=r"No space left on device.*nothing was changed") as raised:
        write_tensors(path, {"a": np.ones((20, 20))})
    assert raised.value.errno == errno.ENOSPC
    assert content(path) == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


LIMITED = """
import resource, sys
import numpy as np
import {library}
from tensorlayer.errors import FileAccessError
from tensorlayer.files import write_tensors

numbers = np.random.default_rng(0).normal(size=100_000)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_tensors(sys.argv[1], {{"a": numbers}})
except FileAccessError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of file sizes")
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_real_write_that_fails_leaves_the_old_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    write_tensors(path, {"a": np.eye(2)})
    before = content(path)
    text = LIMITED.format(library=FORMATS[suffix].library)
    shown = subprocess.run([sys.executable, "-c", text, str(path)], capture_output=True, text=True, check=True)
    assert "781.2 KiB could not be written" in shown.stdout
    assert content(path) == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", FORMATS)
def test_stopping_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    write_tensors(path, {"a": np.eye(2)})
    before = content(path)

    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tensorlayer.files.atomic._flush", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_tensors(path, {"a": np.ones(3)})
    assert content(path) == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_store_is_put_back_if_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.zarr"
    write_tensors(path, {"a": np.eye(2)})
    before = content(path)
    rename = Path.rename

    def refusing(self: Path, target: Path) -> Path:
        if self.name.endswith(".part") and target.name == "x.zarr" and "a" not in str(moved):
            moved.append("a")
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    moved: list[str] = []
    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(FileAccessError, match="Input/output error"):
        write_tensors(path, {"a": np.ones(3)})
    assert content(path) == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.npz", tmp_path / "link.npz"
    write_tensors(target, {"a": np.eye(2)})
    link.symlink_to(target)
    write_tensors(link, {"a": np.ones(3)})
    assert link.is_symlink()
    np.testing.assert_array_equal(read_tensors(target)["a"], np.ones(3))


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_who_may_read_a_file_is_as_for_any_other(tmp_path: Path, suffix: str) -> None:
    # The library of safetensors makes files for their owner only.
    (tmp_path / "any").touch()
    path = tmp_path / f"one{suffix}"
    write_tensors(path, {"a": np.ones(3)})
    assert path.stat().st_mode == (tmp_path / "any").stat().st_mode
    path.chmod(0o664)
    write_tensors(path, {"a": np.zeros(3)})
    assert path.stat().st_mode & 0o777 == 0o664
    assert sorted(each.name for each in tmp_path.iterdir()) == ["any", path.name]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OSError, match="a device or a pipe"), replacing(path) as fresh:
        fresh.touch()
    assert path.is_fifo()
