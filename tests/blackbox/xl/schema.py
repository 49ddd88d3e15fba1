#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""schema.py SCHEMA COMMAND: whether the JSON on stdin is what the schema says of the command, and has no field more.
Readers pass over fields that they do not know; what prints one must have it in the schema."""
import json
import sys

import jsonschema


def strict(part):
    """The same schema, in which an object has the fields that are named and no others."""
    if isinstance(part, dict):
        part = {key: strict(value) for key, value in part.items()}
        if part.get("type") == "object":
            part["additionalProperties"] = False
    elif isinstance(part, list):
        part = [strict(value) for value in part]
    return part


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.load(sys.stdin)
    jsonschema.Draft202012Validator({**strict(schema), "$ref": "#/$defs/" + sys.argv[2]}).validate(document)


main()
