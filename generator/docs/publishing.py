"""Sites side by side, one for each version, and a preview that reloads in the browser.

Versions are in folders of one output folder: `0.3.0/`, `0.2.0/`. `versions.json` beside them has the form of mike's, so
that the theme shows a selector of versions; `index.html` links to each of them, without a script and from a folder too.
"""

from __future__ import annotations

import html
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .. import files
from ..errors import Problem, ValidationError

LATEST = "latest"
"""The alias of the newest version."""
_PAUSE = 0.2
"""Seconds between two checks of the sources of a preview."""


def versions_of(output: Path) -> list[str]:
    """Return the versions in an output folder, newest first."""
    names = [path.parent.name for path in output.glob(f"*/{files.MANIFEST}")]
    return sorted(names, key=_by_numbers, reverse=True)


def _by_numbers(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts 0.10.0 after 0.9.0, and names that are not numbers before all."""
    return [(int(part) if part.isdecimal() else -1, part) for part in name.split(".")]


def list_versions(output: Path, title: str) -> None:
    """Write the list of the versions in an output folder: for the theme's selector, and as a page."""
    versions = versions_of(output)
    entries = [
        {"version": name, "title": name, "aliases": [] if index else [LATEST]} for index, name in enumerate(versions)
    ]
    links = "".join(f'<li><a href="{html.escape(name)}/index.html">{html.escape(name)}</a></li>\n' for name in versions)
    page = (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{html.escape(title)}: versions</title>\n<h1>{html.escape(title)}</h1>\n<ul>\n{links}</ul>\n</html>\n"
    )
    files.write_files({output / "versions.json": entries, output / "index.html": page})


@contextmanager
def _zensical_serving(work: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "zensical", "serve", "-f", "mkdocs.yml", "-a", f"127.0.0.1:{port}"]
    # In a separate process group, which is ended whole.
    server = subprocess.Popen(command, cwd=work, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        yield server
    finally:
        if os.name == "posix":
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
        else:
            server.terminate()
        server.wait()


def _end(number: int, _: object) -> None:
    """End the process with the exit code of a signal, after the cleaning up that an exception causes."""
    raise SystemExit(128 + number)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let the signals that end a process end it as an exception does."""
    numbers = [signal.SIGTERM, *([signal.SIGHUP] if os.name == "posix" else [])]
    before = [signal.signal(number, _end) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def preview(work: Path, port: int, sources: list[Path], write: Callable[[set[Path] | None], None]) -> None:
    """Serve a prepared folder on 127.0.0.1, and write pages again when a source changes, until a signal ends it.

    Zensical builds a page that is written, and reloads it in the browser.

    Args:
        sources: Files and folders to watch.
        write: Writes the pages of the changed files; of all at first, with None. Its `ValidationError` is shown.
    """
    write(None)
    seen = _changes(sources)
    with _ended_by_signals(), _zensical_serving(work, port) as server:
        try:
            print(f"http://127.0.0.1:{port}: reloads when a source changes, Ctrl-C ends it", flush=True)
            while server.poll() is None:
                time.sleep(_PAUSE)
                now = _changes(sources)
                changed = {path for path in now.keys() | seen.keys() if now.get(path) != seen.get(path)}
                seen = now
                if not changed:
                    continue
                try:
                    write(changed)
                except ValidationError as error:
                    print("\n".join(map(str, error.problems)), file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            return
    message, fix = "the preview server has ended", f"Choose another port than {port}, if it is in use"
    raise ValidationError(Problem("zensical", message, fix))


def _changes(sources: list[Path]) -> dict[Path, int]:
    found = (each for source in sources for each in ([source] if source.is_file() else source.rglob("*")))
    return {path: path.stat().st_mtime_ns for path in found if path.is_file()}
