# Generated from generator/client/runtime/airflow/__init__.py. Do not edit: change that, and run `make generate`.
"""Waits for jobs in Airflow 3: a sensor that defers, its trigger, a hook, and a connection type.

`get_provider_info` is the entry point by which Airflow finds the connection type. It imports nothing of Airflow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .._urls import PACKAGE

if TYPE_CHECKING:
    from ._sensor import JobHook, JobSensor, JobTrigger

__all__ = ["JobHook", "JobSensor", "JobTrigger", "get_provider_info"]

_HOOKS = {"JobHook", "JobSensor", "JobTrigger"}


def get_provider_info() -> dict[str, Any]:
    """Return the description of this provider: its connection type, with the fields of the form."""
    return {
        "package-name": PACKAGE.replace("_", "-"),
        "name": PACKAGE,
        "description": "Waits for jobs of services, without a worker while it waits.",
        "connection-types": [
            {
                "connection-type": PACKAGE,
                "hook-name": PACKAGE,
                "hook-class-name": f"{__name__}.JobHook",
                "conn-fields": {
                    "region": _field("Region", "In place of the address, for a service that has regions."),
                    "project_id": _field("Project ID", "Of each request, and of an access key."),
                    "domain": _field("Domain", "Name of the account: login and password are then an IAM user."),
                    "project": _field("Project", "Name of the IAM user's project, in place of its ID."),
                    "iam_url": _field("IAM address", "By default the one of all regions."),
                    "token_url": _field("Token URL", "Of OAuth 2, in place of the one in the service's document."),
                    "scopes": _field("Scopes", "Of OAuth 2, with spaces between them."),
                    "security_token": _field("Security token", "Of a temporary access key.", format="password"),
                },
                "ui-field-behaviour": {
                    "hidden-fields": ["schema", "port"],
                    "relabeling": {
                        "host": "Address",
                        "login": "Access key, user, or client ID",
                        "password": "Token, secret key, password, or client secret",
                    },
                    "placeholders": {"host": "https://service.example.com"},
                },
            }
        ],
    }


def _field(label: str, description: str, **schema: str) -> dict[str, Any]:
    return {"label": label, "description": description, "schema": {"type": ["string", "null"], **schema}}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _HOOKS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module("._sensor", __name__), name)
