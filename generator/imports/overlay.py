"""Application of an OpenAPI Overlay (versions 1.0 and 1.1): actions that update, remove or copy parts of a document."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonpath

from ..errors import Problem, ValidationError

_REMEDY = "See the OpenAPI Overlay specification, https://spec.openapis.org/overlay/latest.html"

_VERSIONS = ("1.0.", "1.1.")


def apply_overlay(document: Any, overlay: Any, file: Path) -> tuple[Any, list[Problem]]:
    """Apply the actions of an overlay in their order.

    Args:
        document: The data of the OpenAPI document, which stays as it is.
        overlay: The data of the overlay.
        file: The overlay's file, for problems.

    Returns:
        The changed document, and the actions that match nothing, which the specification allows.

    Raises:
        ValidationError: The overlay is invalid, or an update does not fit its target. Names each problem.
    """
    if problems := list(_problems(overlay, file)):
        raise ValidationError(problems)
    result, unmatched = deepcopy(document), []
    for index, action in enumerate(overlay["actions"]):
        here = f"/actions/{index}"
        matches = _find(result, action["target"], file, f"{here}/target")
        if not matches:
            message = f"target must match a part of the document, got {action['target']}, which matches none"
            unmatched.append(
                Problem(file, message, "Correct the target, or remove the action", pointer=f"{here}/target")
            )
            continue
        values = [*_copied(result, action, file, here), *([action["update"]] if "update" in action else [])]
        # From the last to the first, so that the removal of an item does not move those that are removed after it.
        for match in reversed(matches):
            if action.get("remove"):
                result = _removed(result, match)
                continue
            messages = [message for value in values if (message := _merged_in_place(match, value))]
            problems += [Problem(file, message, _REMEDY, pointer=here) for message in messages]
    if problems:
        raise ValidationError(problems)
    return result, unmatched


def _problems(overlay: Any, file: Path) -> list[Problem]:
    """Return the problems of the form of an overlay."""

    def problem(pointer: str, message: str) -> Problem:
        return Problem(file, message, _REMEDY, pointer=pointer)

    if not isinstance(overlay, dict):
        return [problem("", f"must be a mapping with overlay, info and actions, got {type(overlay).__name__}")]
    found = []
    version = overlay.get("overlay")
    if not (isinstance(version, str) and version.startswith(_VERSIONS)):
        found.append(problem("/overlay", f"must be a version 1.0.x or 1.1.x, got {version!r}"))
    known = {"overlay", "info", "extends", "actions"}
    unknown = [key for key in overlay if key not in known and not str(key).startswith("x-")]
    found += [problem(f"/{key}", f"must be a key of an overlay or begin with x-, got {key}") for key in unknown]
    info = overlay.get("info")
    if not isinstance(info, dict) or not all(isinstance(info.get(key), str) for key in ("title", "version")):
        got = ", ".join(info) if isinstance(info, dict) else type(info).__name__
        found.append(problem("/info", f"must be a mapping with the strings title and version, got {got or 'no keys'}"))
    elif not isinstance(info.get("description", ""), str):
        found.append(problem("/info/description", f"must be a string, got {type(info['description']).__name__}"))
    if "extends" in overlay and not isinstance(overlay["extends"], str):
        got = type(overlay["extends"]).__name__
        found.append(problem("/extends", f"must be a string with the address of a document, got {got}"))
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        got = "an empty list" if actions == [] else type(actions).__name__
        return [*found, problem("/actions", f"must be a list of at least one action, got {got}")]
    for index, action in enumerate(actions):
        found += [problem(f"/actions/{index}", message) for message in _action_problems(action)]
        if action in actions[:index]:
            found.append(problem(f"/actions/{index}", "must differ from other actions, got an equal one before it"))
    return found


def _action_problems(action: Any) -> list[str]:
    if not isinstance(action, dict):
        return [f"must be a mapping with a target, got {type(action).__name__}"]
    types = {"target": str, "description": str, "remove": bool, "copy": str}
    found = [
        f"{key} must be of type {kind.__name__}, got {type(action[key]).__name__}"
        for key, kind in types.items()
        if key in action and not isinstance(action[key], kind)
    ]
    known = {*types, "update"}
    unknown = [key for key in action if key not in known and not str(key).startswith("x-")]
    found += [f"key must be one of {', '.join(sorted(known))} or begin with x-, got {key}" for key in unknown]
    if not str(action.get("target", "")).startswith("$"):
        found.append(f"target must be a JSONPath that begins with $, got {action.get('target')!r}")
    return found


def _find(document: Any, path: str, file: Path, pointer: str) -> list[jsonpath.JSONPathMatch]:
    try:
        return list(jsonpath.finditer(path, document))
    except jsonpath.JSONPathError as error:
        message = f"must be a JSONPath (RFC 9535), got {path!r}: {' '.join(str(error).split())}"
        raise ValidationError(Problem(file, message, _REMEDY, pointer=pointer)) from None


def _copied(document: Any, action: dict[str, Any], file: Path, here: str) -> list[Any]:
    """Return the value that an action copies, if it copies one.

    Raises `ValidationError` if its source is not one value.
    """
    if "copy" not in action:
        return []
    sources = _find(document, action["copy"], file, f"{here}/copy")
    if len(sources) != 1:
        message = f"copy must match one part of the document, got {action['copy']}, which matches {len(sources)}"
        raise ValidationError(Problem(file, message, "Write a path of one part", pointer=f"{here}/copy"))
    return [deepcopy(sources[0].obj)]


def _removed(document: Any, match: jsonpath.JSONPathMatch) -> Any:
    if match.parent is None:
        return None
    parent: Any = match.parent.obj
    del parent[match.parts[-1]]
    return document


def _merged_in_place(match: jsonpath.JSONPathMatch, value: Any) -> str:
    """Merge a value into a match. Returns a message if it cannot be merged."""
    target = match.obj
    if isinstance(target, dict) and isinstance(value, dict):
        _merge(target, value)
    elif isinstance(target, list):
        target.append(deepcopy(value))
    elif isinstance(target, dict):
        return f"update must be a mapping for {match.path}, which is one, got {type(value).__name__}"
    elif match.parent is None:
        return f"target must be a mapping or a list, got {match.path}"
    else:
        parent: Any = match.parent.obj
        parent[match.parts[-1]] = deepcopy(value)
    return ""


def _merge(target: dict[str, Any], update: dict[str, Any]) -> None:
    """Merge as the specification says: mappings by their keys, lists by appending, other values by replacing."""
    for key, value in update.items():
        there = target.get(key)
        if isinstance(there, dict) and isinstance(value, dict):
            _merge(there, value)
        elif isinstance(there, list) and isinstance(value, list):
            there.extend(deepcopy(value))
        else:
            target[key] = deepcopy(value)
