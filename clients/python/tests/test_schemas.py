"""Whether the types agree with the repository's schemas, member by member."""

import json
import types
import typing
import unittest
from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from veritech_client import (
    Accepted,
    Action,
    CodeGeneration,
    Failure,
    FailureCode,
    Heartbeat,
    Kind,
    Language,
    Level,
    Network,
    OnCallerLost,
    Origin,
    Output,
    Part,
    Phase,
    Progress,
    Qualification,
    RemoteFunctionRequest,
    Replies,
    RequestedLimits,
    ResponseType,
    Result,
    Started,
    Stream,
    Timings,
    Usage,
    Validation,
)

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"

Schema = dict[str, Any]


def load(name: str) -> Schema:
    schema: Schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    return schema


def names_in(schema: Schema) -> list[str]:
    """Returns the members of an enumeration."""
    return schema.get("enum") or [choice["const"] for choice in schema["oneOf"]]


def kinds_of(schema: Schema, definitions: Schema) -> set[str]:
    """Returns the JSON types that a schema allows."""
    if "$ref" in schema:
        return kinds_of(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return set().union(*(kinds_of(choice, definitions) for choice in schema[several]))
    kinds = schema.get("type", ["any"])
    return {kinds} if isinstance(kinds, str) else set(kinds)


def kinds_in(hint: Any) -> set[str]:
    """Returns the JSON types that a type hint allows."""
    if hint is Any or hint is object:
        return {"any"}
    origin = get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return set().union(*(kinds_in(choice) for choice in get_args(hint)))
    if origin is Literal or (isinstance(hint, type) and issubclass(hint, StrEnum)):
        return {"string"}
    if origin is typing.NotRequired:
        return kinds_in(get_args(hint)[0])
    plain = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    if hint in plain:
        return {plain[hint]}
    return {"object"}


class Schemas(unittest.TestCase):
    def compare(self, cls: Any, schema: Schema, definitions: Schema, besides: frozenset[str] = frozenset()) -> None:
        """Compares the fields of a dataclass with the properties of a schema."""
        hints = get_type_hints(cls)
        named = {field.name: field for field in fields(cls) if field.name not in besides}
        self.assertEqual(set(named), set(schema.get("properties", {})), f"members of {cls.__name__}")
        required = set(schema.get("required", []))
        for name, field in named.items():
            has_default = field.default is not MISSING or field.default_factory is not MISSING
            self.assertEqual(not has_default, name in required, f"whether {cls.__name__}.{name} is required")
            told = kinds_of(schema["properties"][name], definitions)
            if told != {"any"}:
                self.assertEqual(kinds_in(hints[name]), told, f"type of {cls.__name__}.{name}")

    def test_requests_agree(self) -> None:
        schema = load("remote_function_request")
        definitions = schema["$defs"]
        properties = schema["properties"]
        # Those that may be `null` in the schema are those that default to `None`.
        self.compare(RemoteFunctionRequest, schema, definitions)
        self.compare(RequestedLimits, definitions["RequestedLimits"], definitions)
        self.assertFalse(schema["additionalProperties"])
        defaults = {field.name: field.default for field in fields(RemoteFunctionRequest)}
        self.assertEqual(defaults["container_tag"], properties["container_tag"]["default"])
        for cls in (Kind, Language, Network, OnCallerLost, Replies, ResponseType):
            self.assertEqual([str(name) for name in cls], names_in(definitions[cls.__name__]), cls.__name__)

    def test_events_agree(self) -> None:
        schema = load("event")
        definitions = schema["$defs"]
        events = [choice.get("allOf", [choice]) for choice in schema["oneOf"]]
        named = {envelope["properties"]["event"]["const"]: body for envelope, *body in events}
        classes = (Accepted, Progress, Started, Output, Heartbeat, Part, Result)
        self.assertEqual(set(named), {cls.name for cls in classes})
        for cls in (Accepted, Progress, Started, Output, Part):
            [body] = named[cls.name]
            self.compare(cls, definitions[body["$ref"].rsplit("/", 1)[1]], definitions, frozenset({"id"}))
        self.assertEqual(named["heartbeat"], [])
        self.assertEqual([field.name for field in fields(Heartbeat)], ["id"])
        self.compare(Timings, definitions["Timings"], definitions)
        self.compare(Usage, definitions["Usage"], definitions)
        self.compare(Failure, definitions["Failure"], definitions)
        for enum in (FailureCode, Origin, Level, Phase, Stream):
            self.assertEqual([str(name) for name in enum], names_in(definitions[enum.__name__]), enum.__name__)

    def test_results_have_no_members_but_those_of_the_schema(self) -> None:
        properties: Mapping[str, Schema] = load("event")["$defs"]["RawResult"]["properties"]
        outcome = {"value", "unset", "parts", "sha256", "failure"}
        self.assertEqual(set(properties), outcome | {"status", "timings", "usage", "image_digest"})
        self.assertEqual(names_in(load("event")["$defs"]["Status"]), ["success", "failure"])

    def test_values_of_kinds_agree(self) -> None:
        for cls in (Action, CodeGeneration, Qualification, Validation):
            schema = load({"CodeGeneration": "code_generation"}.get(cls.__name__, cls.__name__.lower()))
            definitions = schema.get("$defs", {})
            hints = get_type_hints(cls)
            self.assertEqual(set(hints), set(schema["properties"]), cls.__name__)
            self.assertEqual(cls.__required_keys__, set(schema["required"]), cls.__name__)
            for name, hint in hints.items():
                told = schema["properties"][name]
                self.assertEqual(kinds_in(hint), kinds_of(told, definitions), f"type of {cls.__name__}.{name}")
                if get_origin(hint) is Literal:
                    choices = definitions[told["$ref"].rsplit("/", 1)[1]]
                    self.assertEqual(list(get_args(hint)), names_in(choices), f"choices of {cls.__name__}.{name}")
