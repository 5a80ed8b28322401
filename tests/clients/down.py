"""down.py FROM TO: an OpenAPI 3.1 document as one of 3.0, for generators that read no other: Rust's progenitor. It also takes one type for every
success of an operation, one for every failure, and one kind of body. What it has no rule for it refuses, so that nothing is lost in silence."""
import json
import sys

# What 3.0 has no word for, and what is left out without another meaning.
UNKNOWN = {"const", "contentEncoding", "contentMediaType", "prefixItems", "$defs", "if", "unevaluatedProperties", "patternProperties", "dependentSchemas"}
LEFT_OUT = {"propertyNames"}


def down(document):
    """The document in 3.0."""
    schemas = {name: schema(value) for name, value in document["components"]["schemas"].items()}
    operations = {path: {method: operation(of, schemas) for method, of in item.items()} for path, item in document["paths"].items()}
    info = {key: value for key, value in document["info"].items() if key not in {"summary", "license"}}
    return {"openapi": "3.0.3", "info": info, "paths": operations, "components": {"schemas": schemas}}


def schema(value):
    """A schema: `null` among the types becomes `nullable`, and what stands beside a `$ref` goes, or goes around it."""
    if isinstance(value, list):
        return [schema(one) for one in value]
    if not isinstance(value, dict):
        return value
    if beyond := UNKNOWN & value.keys():
        raise ValueError(f"no rule for {sorted(beyond)}")
    if "$ref" in value:
        return {"$ref": value["$ref"]}
    named = ("properties", "example", "default", "enum")
    out = {key: part if key in named else schema(part) for key, part in value.items() if key not in LEFT_OUT}
    if "properties" in value:
        out["properties"] = {name: schema(part) for name, part in value["properties"].items()}
    if isinstance(value.get("type"), list):
        kinds = [kind for kind in value["type"] if kind != "null"]
        if len(kinds) != 1 or len(kinds) == len(value["type"]):
            raise ValueError(f"no rule for the types {value['type']}")
        out |= {"type": kinds[0], "nullable": True}
    if {"type": "null"} in value.get("oneOf", []):
        others = [schema(one) for one in value["oneOf"] if one != {"type": "null"}]
        del out["oneOf"]
        out |= {"allOf": others, "nullable": True}
    return out


def operation(value, schemas):
    """An operation with one type of success and one of failure."""
    name = value["operationId"]
    out = {key: value[key] for key in ("operationId", "summary", "description", "tags") if key in value}
    out["parameters"] = [{**parameter, "schema": schema(parameter["schema"])} for parameter in value.get("parameters", [])]
    if body := value.get("requestBody"):
        kind, content = next(iter(sorted(body["content"].items(), key=lambda entry: entry[0].startswith("multipart"))))
        out["requestBody"] = {"required": True, "content": {kind: {"schema": schema(content["schema"])}}}
    responses = {status: of for status, of in value["responses"].items() if not status.startswith("3")}
    out["responses"] = {}
    for succeeds in (True, False):
        alike = {status: of for status, of in responses.items() if status.startswith("2") == succeeds}
        content = one_of(f"{name}_{'answer' if succeeds else 'refusal'}", alike.values(), schemas)
        out["responses"] |= {status: {"description": of["description"], **content} for status, of in alike.items()}
    return out


def one_of(name, responses, schemas):
    """The content of these responses: their one schema, or a new one that is any of theirs."""
    kinds = [kind for of in responses for kind in of.get("content", {}) if kind != "text/plain"]
    found = []
    for of in responses:
        for kind, content in of.get("content", {}).items():
            if kind != "text/plain" and (one := schema(content["schema"])) not in found:
                found.append(one)
    if not found:
        return {}
    if "application/octet-stream" in kinds:
        return {"content": {"application/octet-stream": {"schema": found[0]}}}
    if len(found) > 1:
        # What has more fields is tried first.
        schemas[name] = {"anyOf": sorted(found, key=lambda one: one["$ref"] == "#/components/schemas/Problem")}
        found = [{"$ref": f"#/components/schemas/{name}"}]
    return {"content": {"application/json": {"schema": found[0]}}}


def test():
    """Each rule by itself."""
    assert schema({"type": ["string", "null"], "maxLength": 5}) == {"type": "string", "maxLength": 5, "nullable": True}
    assert schema({"oneOf": [{"$ref": "#/a", "description": "x"}, {"type": "null"}]}) == {"allOf": [{"$ref": "#/a"}], "nullable": True}
    assert schema({"properties": {"const": {"$ref": "#/a", "description": "x"}}}) == {"properties": {"const": {"$ref": "#/a"}}}
    assert schema({"type": "object", "propertyNames": {"type": "string"}}) == {"type": "object"}
    for beyond in ({"const": 1}, {"type": ["string", "integer"]}, {"items": {"$defs": {}}}):
        try:
            schema(beyond)
        except ValueError:
            continue
        raise AssertionError(beyond)


if __name__ == "__main__":
    test()
    with open(sys.argv[1]) as source, open(sys.argv[2], "w") as target:
        json.dump(down(json.load(source)), target)
