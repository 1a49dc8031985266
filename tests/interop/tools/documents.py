"""The documents in each form that a tool may read, and the recordings as one JSON file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from generator.documents import Workspace

ROOT = Path(__file__).resolve().parents[3]


def bundled(folder: Path) -> Path:
    """Write the documents into a folder, in all forms, and return it."""
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "generator", "bundle", "--output", str(folder)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return folder


def document(folder: Path, form: str, service: str) -> Path | None:
    """Return the file with a document in a form, or None; the folder itself for the form `all`.

    A service without a 3.0.3 form is read in its 3.1 form.
    """
    if form == "all":
        return folder
    names = {
        "3.1": [f"{service}.json"],
        "3.0.3": [f"{service}-3.0.json", f"{service}.json"],
        "joined": ["joined.json"],
        "postman": ["postman.json"],
    }
    return next((path for name in names[form] if (path := folder / name).is_file()), None)


def recordings(file: Path) -> Path:
    """Write all recordings with the operations that they are of into a JSON file, and return it."""
    found = []
    for service in Workspace(ROOT).select(None):
        for name, recording in service.recordings.items():
            operation = service.operation(recording.operation)
            assert operation is not None, f"{name} must be a recording of an operation of its document"
            request = recording.source.data["request"]
            found.append(
                {
                    "service": service.name,
                    "name": name,
                    "operation": operation.id,
                    "template": operation.path,
                    "path": operation.path.format_map(request.get("path", {})),
                    "parameters": {**request.get("path", {}), **request.get("query", {})},
                    "query": request.get("query", {}),
                    "status": recording.status,
                    "content_type": recording.content_type,
                    "body": recording.body,
                }
            )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    return file
