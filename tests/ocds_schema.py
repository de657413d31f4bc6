"""The official OCDS 1.1.5 schema with the bid and lots extensions merged in, and nothing fetched from the web."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from ocds_data import OCDS

SCHEMAS, EXTENSIONS = OCDS / "schema-1.1.5", OCDS / "extensions-v1.1.5"
RELEASE = "release-schema.json"
Json = dict[str, Any]


def load(path: Path) -> Json:
    found: Json = json.loads(path.read_text())
    return found


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396, as OCDS extensions change the schema."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


@cache
def release_schema() -> Json:
    merged = load(SCHEMAS / RELEASE)
    for extension in sorted(EXTENSIONS.iterdir()):
        merged = merge_patch(merged, load(extension / RELEASE))
    return merged


@cache
def validator(name: str) -> Any:
    """`name`: a file of the schema folder; the addresses that it refers to are answered from that folder."""
    schemas = {path.name: load(path) for path in SCHEMAS.glob("*.json")} | {RELEASE: release_schema()}
    resources = [(schema["id"], schema) for schema in schemas.values() if "id" in schema]
    registry = jsonschema_rs.Registry(resources, draft=jsonschema_rs.Draft4)
    return jsonschema_rs.Draft4Validator(schemas[name], registry=registry, validate_formats=True)


def errors(name: str, instance: Any) -> list[str]:
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in validator(name).iter_errors(instance)
    ]
