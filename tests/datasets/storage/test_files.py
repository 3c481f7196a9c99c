"""What the folder storage does beyond the contract: durable renames, sweeping, a disk that is really full."""

import errno
import os
import shutil
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from datasets.storage import Storage, new_key, storage
from datasets.storage.files import FileStorage

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]

_FILL = textwrap.dedent(
    """
    import resource, sys
    from pathlib import Path
    from datasets.storage.files import FileStorage
    from exchange.kernel.errors import Unavailable
    folder, limit = Path(sys.argv[1]), int(sys.argv[2])
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    store = FileStorage(folder)
    writer = store.writer("a" * 32)
    try:
        for _ in range(64):
            writer.write(b"x" * 65536)
        writer.commit()
    except Unavailable as refusal:
        print(refusal.code, sorted(path.name for path in folder.iterdir()))
    small = store.writer("b" * 32)
    small.write(b"fits")
    small.commit()
    print(store.read("b" * 32, 0, 10))
    """
)
_AS_EXPECTED = "storage_full []\nb'fits'\n"


def test_a_full_disk_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    """On a real filesystem of 256 KiB, in a mount namespace of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = 'mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@"'
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mounted, str(folder)]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*inside, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this machine lets nobody mount a small filesystem of their own (unshare, tmpfs)")
    assert _run([*inside, sys.executable, "-c", _FILL, str(folder), "0"]) == _AS_EXPECTED


def test_a_file_size_limit_is_refused_as_a_full_disk(tmp_path: Path) -> None:
    assert _run([sys.executable, "-c", _FILL, str(tmp_path / "limited"), "300000"]) == _AS_EXPECTED


def _run(command: list[str]) -> str:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_sweep_takes_parts_older_than_a_day_and_nothing_else(file_storage: FileStorage) -> None:
    kept_key = new_key()
    kept = file_storage.writer(kept_key)
    kept.write(b"whole")
    kept.commit()
    for key, age in (("a" * 32, timedelta(hours=25)), ("b" * 32, timedelta(hours=23))):
        cut = file_storage.writer(key)
        cut.write(b"part")
        written_at = (NOW - age).timestamp()
        os.utime(file_storage.folder / f".{key}.part", (written_at, written_at))
    os.utime(file_storage.folder / kept_key, (0, 0))

    assert file_storage.sweep(NOW) == 1
    assert sorted(path.name for path in file_storage.folder.iterdir()) == sorted(
        [f".{'b' * 32}.part", kept_key]
    )
    assert file_storage.sweep(NOW) == 0


def test_the_sweep_of_a_folder_that_is_not_there_finds_nothing(tmp_path: Path) -> None:
    assert FileStorage(tmp_path / "nowhere").sweep(NOW) == 0


def test_files_are_for_their_owner_alone(file_storage: FileStorage) -> None:
    key = new_key()
    writer = file_storage.writer(key)
    writer.write(b"private")
    writer.commit()
    assert (file_storage.folder / key).stat().st_mode & 0o777 == 0o600
    assert file_storage.folder.stat().st_mode & 0o777 == 0o700


def test_settings_choose_the_storage(settings: object, tmp_path: Path) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path  # type: ignore[attr-defined]
    first: Storage = storage()
    assert isinstance(first, FileStorage)
    assert first.folder == tmp_path
    assert storage() is first


def test_a_whole_file_from_another_disk_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a copy that was killed has left does not stand in its way."""

    def refuse(self: Path, target: Path) -> None:
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    store, key, whole = FileStorage(tmp_path / "assets"), new_key(), tmp_path / "whole"
    store.folder.mkdir()
    (store.folder / f".{key}.part").write_bytes(b"half")
    whole.write_bytes(b"all of it")
    store.put(key, whole)
    assert store.read(key, 0, 100) == b"all of it"
    assert [path.name for path in store.folder.iterdir()] == [key]
