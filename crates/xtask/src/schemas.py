"""What the tests need of CloudFormation's registry schemas, out of cfn-lint's wheel.

    python3 schemas.py SOURCES OUT [WHEEL]

Without WHEEL, pip downloads it. Takes the types that the Rust files under SOURCES name, as us-east-1 has them, and of each the
shape of its properties, how they behave, and the permissions of its handlers. No texts.
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
    sources, out, *given = map(Path, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        write(sources, out, given[0] if given else download(folder))


def write(sources, out, wheel):
    if (found := hashlib.sha256(wheel.read_bytes()).hexdigest()) != SHA256:
        sys.exit(f"error: {wheel} is not cfn-lint {VERSION}: its SHA-256 is {found}")
    texts = (path.read_text() for path in sources.rglob("*.rs"))
    wanted = sorted({name for t in texts for name in re.findall(r'"(AWS::\w+::\w+)"', t)})
    with zipfile.ZipFile(wheel) as archive:
        load = lambda name: json.loads(archive.read(f"{SCHEMAS}{name}.json"))
        region = load("providers/us-east-1")
        types = {n: extract(load(f"resources/{region[n]}")) for n in wanted if n in region}
        about = {
            "source": f"cfn-lint {VERSION} (PyPI), us-east-1",
            "sha256": SHA256,
            "schemas_of": load("version")["schema_date"],
            "license": "MIT-0, Copyright Amazon.com, Inc. or its affiliates",
            "made_by": "cargo xtask schemas",
        }
    out.write_text(json.dumps(about | {"types": types}, indent=1) + "\n")
    print(f"{out}: {len(types)} types")


main()
