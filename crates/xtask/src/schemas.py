"""What Ferrocrete and its tests need of CloudFormation's registry schemas, out of cfn-lint's wheel.

    python3 schemas.py SOURCES OUT LIMITS [WHEEL]

Without WHEEL, pip downloads it. Takes the types that the Rust files under SOURCES name, as us-east-1 has them, and of each the
shape of its properties, how they behave, and the permissions of its handlers. No texts. LIMITS gets
which values are documented for the properties that the Rust files have.
"""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

VERSION = "1.58.0"
SHA256 = "9d9f06043160756a6158f5c3f92a44ce38254b1c578127461608305bc8262987"
SCHEMAS = "cfnlint/data/schemas/"
LISTS = {
    "createOnlyProperties": "create_only",
    "conditionalCreateOnlyProperties": "conditional_create_only",
    "readOnlyProperties": "read_only",
    "writeOnlyProperties": "write_only",
    "deprecatedProperties": "deprecated",
    "primaryIdentifier": "primary",
}
BOUNDS = {
    "enum": "one_of",
    "enumCaseInsensitive": "one_of_any_case",
    "pattern": "pattern",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minimum": "min",
    "maximum": "max",
    "minItems": "min_items",
    "maxItems": "max_items",
}
# What other regular expressions do not know.
UNKNOWN = re.compile(r"\(\?[=!<]|\\p\{Print\}")
# What the type here completes, so that a program may say less: `alias/` before an alias.
COMPLETED = {("AWS::KMS::Alias", "alias_name")}


def readable(pattern):
    """As Rust reads it: in a class of characters, `[`, `&` and `~` may mean more there, and the end
    of the text is `$`."""
    text, escaped, within = "", False, False
    for c in pattern:
        if not escaped and within and c in "[&~":
            text += "\\"
        text = text[:-1] + "$" if escaped and c == "Z" else text + c
        if not escaped and c in "[]":
            within = c == "["
        escaped = c == "\\" and not escaped
    return text


def shape(schema, whole, within):
    """A property's type: a word, [of], {of}, or the properties of a struct."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        if name in within:
            return name  # It contains itself.
        return shape(whole["definitions"][name], whole, within | {name})
    kind = schema.get("type")
    kinds = [k for k in kind if k != "null"] if isinstance(kind, list) else [kind]
    if schema.get("properties"):
        return struct(schema, whole, within)
    if "array" in kinds or "items" in schema:
        return [shape(schema.get("items", {}), whole, within)]
    for key in ("oneOf", "anyOf", "allOf"):
        options = [o for o in schema.get(key, []) if "type" in o or "$ref" in o]
        if options and kind is None:
            return shape(options[0], whole, within)
    if "patternProperties" in schema:
        return {"*": shape(next(iter(schema["patternProperties"].values())), whole, within)}
    return "/".join(k for k in kinds if k) or "any"


def struct(schema, whole, within):
    required = set(schema.get("required", []))
    return {
        name + ("!" if name in required else ""): shape(of, whole, within)
        for name, of in sorted(schema.get("properties", {}).items())
    }


def dotted(pointer):
    """`/properties/Tags/*/Key` as `Tags.Key`."""
    steps = pointer.strip("/").split("/")
    return ".".join(s for s in steps if s not in ("properties", "items", "*"))


def snake(name):
    """`DBInstanceClass` as `db_instance_class`."""
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def limits(schema, whole, path, within, known, found):
    """Which values a property takes, and those below it, by path: `ebs.volume_type`, `rules[].id`."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        if name in within:
            return
        within = within | {name}
        schema = whole["definitions"][name] | {k: v for k, v in schema.items() if k != "$ref"}
    bounds = {ours: schema[theirs] for theirs, ours in BOUNDS.items() if theirs in schema}
    if UNKNOWN.search(bounds.get("pattern", "")):
        del bounds["pattern"]
    if "pattern" in bounds:
        bounds["pattern"] = readable(bounds["pattern"])
    # A text has as many as it likes, a list may be empty: nothing is said by that.
    bounds = {k: v for k, v in bounds.items() if k not in ("min_length", "min_items") or v}
    if bounds and path:
        found[path] = bounds
    for name, of in sorted(schema.get("properties", {}).items()):
        # Tags are a map here.
        if snake(name) in known and name != "Tags":
            at = f"{path}.{snake(name)}" if path else snake(name)
            limits(of, whole, at, within, known, found)
    if isinstance(schema.get("items"), dict):
        limits(schema["items"], whole, f"{path}[]", within, known, found)


def limits_of(schema, known):
    found = {}
    limits(schema, schema, "", frozenset(), known, found)
    for name, path in COMPLETED:
        if name == schema["typeName"] and path in found:
            found[path].pop("pattern", None)
    readable = set(schema.get("readOnlyProperties", []))
    return {path: of for path, of in sorted(found.items()) if f"/properties/{path}" not in readable}


def extract(schema):
    found = {"properties": struct(schema, schema, frozenset())}
    for theirs, ours in LISTS.items():
        if names := sorted({dotted(p) for p in schema.get(theirs, [])}):
            found[ours] = names
    handlers = schema.get("handlers", {}).items()
    found["permissions"] = {op: sorted(set(h.get("permissions", []))) for op, h in sorted(handlers)}
    return found


def download(folder):
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    pip += ["--no-deps", "--only-binary=:all:", "--dest", folder, f"cfn-lint=={VERSION}"]
    if subprocess.run(pip).returncode:
        sys.exit(1)
    return next(Path(folder).glob("cfn_lint-*.whl"))


def main():
    sources, out, bounds, *given = map(Path, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        write(sources, out, bounds, given[0] if given else download(folder))


def write(sources, out, bounds, wheel):
    if (found := hashlib.sha256(wheel.read_bytes()).hexdigest()) != SHA256:
        sys.exit(f"error: {wheel} is not cfn-lint {VERSION}: its SHA-256 is {found}")
    texts = [path.read_text() for path in sources.rglob("*.rs")]
    known = {name for t in texts for name in re.findall(r"pub (?:r#)?(\w+):", t)}
    wanted = sorted({name for t in texts for name in re.findall(r'"(AWS::\w+::\w+)"', t)})
    with zipfile.ZipFile(wheel) as archive:
        load = lambda name: json.loads(archive.read(f"{SCHEMAS}{name}.json"))
        region = load("providers/us-east-1")
        schemas = {n: load(f"resources/{region[n]}") for n in wanted if n in region}
        types = {n: extract(schema) for n, schema in schemas.items()}
        documented = {n: limits_of(schema, known) for n, schema in schemas.items()}
        about = {
            "source": f"cfn-lint {VERSION} (PyPI), us-east-1",
            "sha256": SHA256,
            "schemas_of": load("version")["schema_date"],
            "license": "MIT-0, Copyright Amazon.com, Inc. or its affiliates",
            "made_by": "cargo xtask schemas",
        }
    out.write_text(json.dumps(about | {"types": types}, indent=1) + "\n")
    lines = [
        f" {json.dumps(n)}: {{\n"
        + ",\n".join(f"  {json.dumps(p)}: {json.dumps(of)}" for p, of in all.items())
        + "\n }"
        for n, all in documented.items()
        if all
    ]
    bounds.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{out}: {len(types)} types; {bounds}: {sum(map(len, documented.values()))} properties")


main()
