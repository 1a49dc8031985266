"""What is in the built files: the package as it is committed, and metadata that say what it is."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from generator.release.checks import Finding


def built(dist: Path, package: str, version: str) -> tuple[Finding, Path | None, Path | None]:
    """Whether there is one wheel and one sdist of the version and nothing else, and where they are."""
    files = sorted(path.name for path in dist.glob("*")) if dist.is_dir() else []
    wheel, sdist = f"{package}-{version}-py3-none-any.whl", f"{package}-{version}.tar.gz"
    if files != sorted([wheel, sdist]):
        said = f"{dist.name}/ has {', '.join(files) or 'nothing'}"
        return Finding("build", said, "Run make dist"), None, None
    broken = [name for name, read in ((wheel, _packed), (sdist, _unpacked)) if not _is_whole(read, dist / name)]
    if broken:
        return Finding("build", f"{broken[0]} cannot be read", "Run make dist"), None, None
    return Finding("build", f"{wheel} and {sdist}"), dist / wheel, dist / sdist


def contents(wheel: Path, sdist: Path, distribution: Path) -> Iterator[Finding]:
    """Whether wheel and sdist hold the package as it stands in the distribution's folder, and nothing besides."""
    source = distribution / "src"
    wanted = {path.relative_to(source).as_posix(): path.read_bytes() for path in _files(source)}
    yield _compared("wheel", wanted, dict(_packed(wheel)))
    inside = {path.relative_to(distribution).as_posix(): path.read_bytes() for path in _files(distribution)}
    yield _compared("sdist", inside, dict(_unpacked(sdist)))


def metadata(wheel: Path) -> Message:
    """The wheel's METADATA; empty where it has none."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return message_from_bytes(archive.read(names[0]) if names else b"")


def described(wheel: Path, package: str, version: str) -> Finding:
    """Whether the metadata name the release and all that an index shows of it."""
    said = metadata(wheel)
    wrong = [f"{key} is {said[key]}" for key, value in (("Name", package), ("Version", version)) if said[key] != value]
    wanted = ("Summary", "Requires-Python", "License-Expression", "License-File", "Description-Content-Type")
    missing = [key for key in wanted if not said[key]]
    if wrong or missing:
        what = ", ".join([*wrong, *(f"no {key}" for key in missing)])
        return Finding(
            "metadata", what, "Mend generator/client/templates/pyproject.toml.jinja, and run make generate dist"
        )
    extras = said.get_all("Provides-Extra") or []
    return Finding(
        "metadata", f"{said['License-Expression']}, Python {said['Requires-Python']}, extras {', '.join(extras)}"
    )


def _compared(name: str, wanted: dict[str, bytes], there: dict[str, bytes]) -> Finding:
    missing, more = sorted(wanted.keys() - there.keys()), sorted(there.keys() - wanted.keys())
    other = sorted(key for key in wanted.keys() & there.keys() if wanted[key] != there[key])
    said = [
        f"{word} {keys[0]}" + (f" and {len(keys) - 1} more" if len(keys) > 1 else "")
        for word, keys in (("lacks", missing), ("has beside the package", more), ("has another", other))
        if keys
    ]
    if said:
        return Finding(
            name, "; ".join(said), "Run make generate dist, and look at [tool.hatch.build] of its pyproject.toml"
        )
    return Finding(name, f"{len(wanted)} files, as in generated_client/")


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]


def _is_whole(read: Callable[[Path], Iterable[object]], file: Path) -> bool:
    try:
        return all(True for _ in read(file))
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError):
        return False


def _packed(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """The wheel's files but for its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".dist-info/" not in name:
                yield name, archive.read(name)


def _unpacked(sdist: Path) -> Iterator[tuple[str, bytes]]:
    """The sdist's files but for its metadata, below the folder that they are all in."""
    with tarfile.open(sdist) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            name = member.name.partition("/")[2]
            if file is not None and name != "PKG-INFO":
                yield name, file.read()
