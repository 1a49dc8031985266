"""Run the terminal blocks of a page as a person types them: in bash, with what the page installs.

`python -m tests.docs.terminal [PAGE …]` (`make docs-terminal`) runs those of all pages with the wheels of `dist/`. Each
page has an empty folder, or a copy of the checkout if its commands need one. A page that installs the client begins in
a new virtual environment, the others have one with the wheels. Only the addresses differ: a port of the page is
replaced by a free one. `make` only has to know its targets.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs

from .samples.blocks import Block, Sample, samples
from .samples.commands import commands, terminal_commands
from .samples.running import alike
from .samples.sample_runner_env import ADDRESS, RECORDER, ROOT, PageAddresses

_MARK = "=====end-of-command"
_SECONDS = 900
_OF_USERS = ("CLOUDJOBS_", "HUAWEICLOUD_", "HW_", "PYTHON", "VIRTUAL_ENV", "MAKE", "NODE_")
_SERVERS = ("cloudjobs.testing serve", "contract record")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_WHEEL = re.compile(r"'?\bcloudjobs(\[[\w,]+\])?'?(?=\s|$)")


class Shell(PageAddresses):
    """A bash that keeps its folder and variables from one command to the next."""

    def __init__(self, folder: Path, variables: dict[str, str], wheel: Path | None = None) -> None:
        super().__init__({shown: f"127.0.0.1:{_free_port()}" for shown in (ADDRESS, RECORDER)})
        kept = {key: value for key, value in os.environ.items() if not key.startswith(_OF_USERS)}
        # The progress output of curl is not part of a page.
        (folder / ".curlrc").write_text("silent\nshow-error\n", encoding="utf-8")
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            # Unbuffered, as in a terminal.
            env={**kept, "CURL_HOME": str(folder), "NO_COLOR": "1", "PYTHONUNBUFFERED": "1", **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.folder = folder
        self._wheel = wheel
        self._pids: dict[str, str] = {}

    def shown(self, text: str) -> str:
        """Return printed text as the page shows it, without colours."""
        return _ESCAPES.sub("", super().shown(text))

    def run(self, command: str) -> tuple[int, str]:
        """Run a command of a page. Returns its exit code, and its output and errors."""
        words = command.split()
        if words[0] == "make":
            command = f"make -n {' '.join(words[1:])} >/dev/null"
        if words[:2] == ["pip", "install"] and self._wheel is not None:
            command = _WHEEL.sub(lambda found: shlex.quote(f"{self._wheel}{found[1] or ''}"), command)
        if any(each in command for each in _SERVERS):
            return self._serve(command)
        code, output = self._run(self.real(command))
        return code, self.shown(output)

    def _serve(self, command: str) -> tuple[int, str]:
        """Start a server, and return what it prints first. It replaces an earlier one with the same address."""
        shown = RECORDER if "contract record" in command else ADDRESS
        if earlier := self._pids.pop(shown, None):
            self._run(f"kill -INT {earlier}; wait {earlier}")
        port = self._real[shown].rpartition(":")[2]
        output = self.folder / f".server-{port}"
        output.touch()
        code, printed = self._run(f"{self.real(command)} --port {port} >{output} 2>&1 & echo $!")
        self._pids[shown] = printed.strip()
        ends = time.monotonic() + 60
        while "http://" not in output.read_text(encoding="utf-8") and time.monotonic() < ends:
            time.sleep(0.1)
        text = output.read_text(encoding="utf-8")
        # The log of its requests follows.
        address = re.match(r"(?:.*\n)*?.*http://.*\n", text)
        return (code, self.shown(address[0])) if address else (1, text)

    def _run(self, command: str) -> tuple[int, str]:
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        # The command must not read our input, which has the next command.
        self._bash.stdin.write(f'{{ {command.rstrip()}\n}} </dev/null; printf "\\n{_MARK} %d %s\\n" $? "$PWD"\n')
        self._bash.stdin.flush()
        printed = ""
        for line in self._bash.stdout:
            if line.startswith(_MARK):
                _, code, folder = line.rstrip("\n").split(" ", 2)
                self.folder = Path(folder)
                return int(code), printed.removesuffix("\n")
            printed += line
        return 1, f"{printed}\nthe shell has ended"

    def close(self) -> None:
        """End the shell with all that it started."""
        os.killpg(self._bash.pid, signal.SIGTERM)
        self._bash.communicate(timeout=60)


@attrs.define
class Result:
    """The terminal blocks of a page: how many were run, and the problems."""

    ran: int = 0
    left_out: list[str] = attrs.field(factory=list)
    problems: list[str] = attrs.field(factory=list)


def run_terminal(
    name: str,
    markdown: str,
    shell: Shell,
    *,
    chosen: Callable[[Block], bool] = lambda block: not block.not_run,
) -> Result:
    """Run the terminal blocks of a page until one fails, and write its files.

    Args:
        chosen: The blocks to run, by default those that are not marked.
    """
    result = Result()
    for sample in samples(markdown):
        block, place = sample.block, f"{name}, line {sample.block.first}"
        if not chosen(block):
            if block.language in ("sh", "console"):
                result.left_out.append(f"{place}: {block.not_run}")
        elif sample.is_file:
            path = shell.folder / str(block.title)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(shell.real(block.text), encoding="utf-8")
        elif block.language in ("sh", "console"):
            result.ran += 1
            problem = _problem(sample, shell)
            if problem is not None:
                result.problems.append(f"{place}: {problem}")
                break
    return result


def _problem(sample: Sample, shell: Shell) -> str | None:
    """Run a block. Returns the difference from the page, or None."""
    printed, code, is_console = "", 0, sample.block.language == "console"
    if is_console:
        for typed in terminal_commands(sample.block.text):
            printed += f"$ {typed}"
            if typed.strip() == "echo $?":
                printed, code = f"{printed}{code}\n", 0
                continue
            if code:
                break
            code, said = shell.run(typed.replace("\\\n", " "))
            printed += said
        expected = sample.block.text
    else:
        for line in commands(sample.block.text):
            code, said = shell.run(line)
            printed += said
            if code:
                break
        expected = sample.shown.text if sample.shown else ""
    if code:
        return f"exit code {code}: {printed[-3000:]}"
    if not is_console and not sample.shown:
        # Other tests of samples compare the output. Here, programs of others may print more.
        return None
    as_json = sample.shown is not None and sample.shown.language == "json"
    if alike(expected, printed, as_json=as_json):
        return None
    return f"it prints\n{printed}\nand the page shows\n{expected}"


def copy_of_checkout(folder: Path) -> None:
    """Copy the files of the checkout that git tracks, and link its environment."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")


def new_environment(folder: Path) -> dict[str, str]:
    """Make a virtual environment. Returns the variables of a shell that has it activated."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(folder)}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def _pages() -> Iterator[tuple[str, str]]:
    """Yield each page with terminal blocks: its name, and its Markdown as it is published."""
    from generator.cli import _parser
    from generator.commands import bundled_services
    from generator.docs import BundledService, SiteContext, assemble
    from generator.documents import Workspace

    services = [BundledService(service, document) for service, document in bundled_services(Workspace(ROOT), None)]
    for page in assemble(SiteContext(ROOT, services), _parser(())):
        if any(each.block.language in ("sh", "console") for each in samples(page.plain)):
            yield page.name, page.plain


def main(names: list[str]) -> int:
    """Run the blocks of the chosen pages, all by default. Returns 1 if one of them differs."""
    wheels = [sorted((ROOT / "dist").glob(f"{name}-*.whl")) for name in ("cloudjobs", "cloudjobs_generator")]
    if [len(found) for found in wheels] != [1, 1]:
        print("dist/ must have one wheel of each distribution: run make dist", file=sys.stderr)
        return 2
    [client], [generator] = wheels
    ran, failed = 0, 0
    with tempfile.TemporaryDirectory() as base:
        installed = new_environment(Path(base, "installed"))
        pip = [
            str(Path(base, "installed", "bin", "pip")),
            "install",
            "-q",
            f"{client}[cli,testing]",
            str(generator),
            "pytest",
        ]
        subprocess.run(pip, check=True)
        for number, (name, markdown) in enumerate(_pages()):
            if names and name not in names:
                continue
            folder = Path(base, str(number))
            folder.mkdir()
            if ".venv/bin/python -m generator" in markdown:
                copy_of_checkout(folder)
            # A page that installs the client begins without it.
            is_bare = "\npip install 'cloudjobs" in markdown
            shell = Shell(folder, new_environment(Path(base, f"{number}-bare")) if is_bare else installed, client)
            try:
                result = run_terminal(name, markdown, shell)
            finally:
                shell.close()
            ran, failed = ran + result.ran, failed + len(result.problems)
            print(f"{name}: {result.ran} blocks, {len(result.problems)} problems", flush=True)
            print("".join(f"  not run: {each}\n" for each in result.left_out), end="")
            print("".join(f"  {each}\n" for each in result.problems), end="", flush=True)
    print(f"{ran} terminal blocks run, {failed} problems")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
