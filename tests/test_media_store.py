"""What was made of pictures is kept by its digest, and found again."""

from __future__ import annotations

import hashlib
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from socrbot.errors import NotSent
from socrbot.media import Assets, Store
from socrbot.message import Attachment, Capabilities, Rendition
from tests.pictures import attachment, marked, photo

ANY = Capabilities(500, len)
SMALL = Capabilities(500, len, image_pixels=1_000)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_was_made_is_found_again(tmp_path: Path) -> None:
    """Once for each network's limits; the second time nothing is made, and the bytes are the same."""
    path, folder = photo(tmp_path / "a.jpg", image=marked((90, 60))), tmp_path / "kept"
    wanted = attachment(path)
    first = Assets(tmp_path, Store(folder)).rendition(wanted, ANY)
    kept = [(each, each.stat().st_mtime_ns, each.stat().st_ino) for each in files(folder)]
    assert Assets(tmp_path, Store(folder)).rendition(wanted, ANY) == first
    assert [(each, each.stat().st_mtime_ns, each.stat().st_ino) for each in files(folder)] == kept
    small = Assets(tmp_path, Store(folder)).rendition(wanted, SMALL)
    assert small.digest != first.digest
    assert {made.digest for made in Store(folder).made_from(wanted.digest)} == {first.digest, small.digest}


def test_what_was_sent_can_be_shown(tmp_path: Path) -> None:
    """By the digest of what left, or of the file that it was made of; readable by nobody else."""
    path, store = photo(tmp_path / "a.jpg"), Store(tmp_path / "kept")
    made = Assets(tmp_path, store).rendition(attachment(path), ANY)
    shown = store.path(made.digest)
    assert shown is not None
    assert shown.read_bytes() == made.data
    assert store.path(attachment(path).digest) == shown
    assert store.path("0" * 64) is None
    assert store.path("../../etc/passwd") is None
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in files(tmp_path / "kept"))
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o700 for each in (tmp_path / "kept", tmp_path / "kept" / "made"))


def test_what_was_erased_is_gone(tmp_path: Path) -> None:
    """Everything that was made of a file goes by the file's digest, one piece by its own; other files' pieces stay."""
    store = Store(tmp_path / "kept")
    assets = Assets(tmp_path, store)
    one, two = attachment(photo(tmp_path / "a.jpg")), attachment(photo(tmp_path / "b.jpg", image=marked((90, 60))))
    made = {assets.rendition(one, ANY).digest, assets.rendition(one, SMALL).digest}
    other = assets.rendition(two, ANY)
    assert store.erase([one.digest]) == {one.digest, *made}
    assert store.made_from(one.digest) == ()
    assert [each.stem for each in files(tmp_path / "kept") if each.suffix == ".jpg"] == [other.digest]
    assert store.erase([other.digest, "*", "", "0" * 64]) == {other.digest, "0" * 64}
    assert files(tmp_path / "kept") == []
    assert assets.rendition(two, ANY) == other


def test_a_kept_file_that_was_damaged_is_made_anew(tmp_path: Path) -> None:
    """What is not what it was is not sent; neither is anything believed of a note that cannot be read."""
    path, store = photo(tmp_path / "a.jpg"), Store(tmp_path / "kept")
    made = Assets(tmp_path, store).rendition(attachment(path), ANY)
    for each in files(tmp_path / "kept"):
        for content in (b"", b"{}", b"rubbish", b"[1]"):
            each.write_bytes(content)
            assert Assets(tmp_path, store).rendition(attachment(path), ANY) == made


def test_a_changed_source_is_not_sent_from_what_was_kept(tmp_path: Path) -> None:
    """That the old picture is still kept makes no difference: the file is no longer the one that was checked."""
    path, store = photo(tmp_path / "a.jpg"), Store(tmp_path / "kept")
    before = attachment(path)
    Assets(tmp_path, store).rendition(before, ANY)
    photo(path, image=marked((90, 60)))
    with pytest.raises(NotSent, match="changed after it was checked"):
        Assets(tmp_path, store).rendition(before, ANY)


def test_nothing_is_sent_that_cannot_be_kept(tmp_path: Path) -> None:
    """Where the folder cannot be written, it is said, and nothing goes out."""
    path = photo(tmp_path / "a.jpg")
    (tmp_path / "kept").write_text("a file in the way")
    with pytest.raises(NotSent, match="cannot be kept"):
        Assets(tmp_path, Store(tmp_path / "kept")).rendition(attachment(path), ANY)


_WORKER = """
import sys
from pathlib import Path
from socrbot.media import Assets, Store, inspect
from socrbot.message import Attachment, Capabilities
root = Path(sys.argv[1])
seen = inspect(Path("a.jpg"), root)
wanted = Attachment("a.jpg", "", seen.mime, seen.width, seen.height, seen.size, seen.digest)
for pixels in range(3_000, 5_000, 100):
    made = Assets(root, Store(root / "kept")).rendition(wanted, Capabilities(500, len, image_pixels=pixels))
    print(made.digest)
"""


def test_two_processes_at_once_do_no_harm(tmp_path: Path) -> None:
    """Both get the same bytes, each kept file is whole, and nothing half-written is left."""
    photo(tmp_path / "a.jpg", image=marked((90, 60)))
    command = [sys.executable, "-c", _WORKER, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert said[0] == said[1] == said[2]
    assert said[0].count("\n") == 20
    pictures = [each for each in files(tmp_path / "kept") if each.suffix == ".jpg"]
    assert all(hashlib.sha256(each.read_bytes()).hexdigest() == each.stem for each in pictures)
    assert not [each for each in files(tmp_path / "kept") if each.name.startswith(".")]


def test_a_rendition_never_prints_its_bytes(tmp_path: Path) -> None:
    """A picture of somebody does not get into a log."""
    made = Rendition(b"PIXELS", "image/jpeg", 1, 1, "ab", "picture.jpg")
    assert "PIXELS" not in repr(made)
    assert "PIXELS" not in repr(Attachment("a", "", "image/jpeg", 1, 1, 1, "ab"))
