"""What the wheel brings along: its dependencies and those of its extras, as a bill of materials, and their licences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from generator.release.checks import Finding

ALLOWED = {
    *("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "PSF-2.0", "Python-2.0", "MPL-2.0"),
    *("Unlicense", "CC0-1.0", "Zlib"),
}
"""Licences that ask nothing of a user of the wheel beyond keeping their text."""

_BSD = "BSD-2-Clause OR BSD-3-Clause"
"""What the bare word says."""

_CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": _BSD,
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
    "License :: OSI Approved :: The Unlicense (Unlicense)": "Unlicense",
}
_SPELLINGS = {
    "apache 2.0": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd": _BSD,
    "bsd license": _BSD,
    "mit license": "MIT",
    "psf": "PSF-2.0",
}


def requirements(required: Iterable[str]) -> list[str]:
    """The requirements of a wheel's metadata, those of every extra among them, as pip takes them."""
    found = []
    for line in required:
        requirement, _, marker = line.partition(";")
        rest = re.sub(r"\(?\s*extra\s*==\s*['\"][^'\"]+['\"]\s*\)?", "", marker)
        rest = re.sub(r"^\s*and\s+|\s+and\s*$", "", rest.strip()).strip()
        found.append(f"{requirement.strip()} ; {rest}" if rest else requirement.strip())
    return list(dict.fromkeys(found))


def bill(sbom: Path, required: Iterable[str], package: str, version: str) -> Iterator[Finding]:
    """Whether the bill of materials is CycloneDX, about this release, whole, and of licences that may be used."""
    try:
        data = json.loads(sbom.read_text(encoding="utf-8"))
        components = {_plain(each["name"]): each for each in data["components"]}
        root = data["metadata"]["component"]
        is_bill = data["bomFormat"] == "CycloneDX"
    except (OSError, ValueError, KeyError, TypeError):
        is_bill, components, root = False, {}, {}
    again = "Remove it, and run make release-check again"
    if not is_bill:
        yield Finding("sbom", f"{sbom.name} is no CycloneDX bill of materials", again)
        return
    direct = {_plain(re.split(r"[\s<>=!~;\[(]", line, maxsplit=1)[0]) for line in required}
    missing = sorted(direct - components.keys())
    unnamed = sorted(name for name, each in components.items() if not each.get("purl") or not each.get("version"))
    if (root.get("name"), root.get("version")) != (package, version):
        yield Finding("sbom", f"is of {root.get('name')} {root.get('version')}", again)
    elif missing or unnamed:
        said = [f"lacks {', '.join(missing)}"] if missing else []
        said += [f"has no address or version of {', '.join(unnamed)}"] if unnamed else []
        yield Finding("sbom", "; ".join(said), again)
    else:
        yield Finding("sbom", f"{sbom.name}, CycloneDX {data['specVersion']}, {len(components)} packages")
    yield _licences(components)


def _licences(components: dict[str, dict[str, Any]]) -> Finding:
    found = {name: _licence(each) for name, each in components.items()}
    refused = sorted(
        f"{name} ({' and '.join(licences) or 'none stated'})" for name, licences in found.items() if not _may(licences)
    )
    if refused:
        remedy = (
            "Look at what it asks of a user; add it to generator/release/dependencies.py, or depend on something else"
        )
        return Finding("licences", ", ".join(refused), remedy)
    used = sorted({licence for licences in found.values() for licence in licences if _may([licence])})
    return Finding("licences", ", ".join(used))


def _may(licences: list[str]) -> bool:
    """Whether every licence that is stated may be used: of one with a choice, one choice."""
    return bool(licences) and all(
        any(
            all(part in ALLOWED for part in re.split(r"\s+AND\s+", choice.strip("() ")))
            for choice in re.split(r"\s+OR\s+", licence)
        )
        for licence in licences
    )


def _licence(component: dict[str, Any]) -> list[str]:
    """The licences that a package states, as SPDX writes them where that is known."""
    found = []
    for entry in component.get("licenses", []):
        named = entry.get("license", {})
        text = str(entry.get("expression") or named.get("id") or named.get("name") or "").strip()
        text = _CLASSIFIERS.get(text, _SPELLINGS.get(text.casefold(), text))
        if text and "\n" not in text and not text.startswith("declared license of"):
            found.append(text)
    return list(dict.fromkeys(found))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
