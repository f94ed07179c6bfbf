"""The schema of a manifest as one table: plain dictionaries to values and back, all faults at once."""

from __future__ import annotations

from expctl.core import manifest as m
from expctl.core.fields import (
    MAX_FAULTS,
    Fault,
    Faults,
    Flag,
    Hex,
    Kind,
    Moment,
    Named,
    Path,
    Pattern,
    Real,
    RunId,
    Several,
    Text,
    Whole,
    Word,
    place,
)
from expctl.typed import Any, NamedTuple

#: Mappings that stand on one line of the file when they fit.
INLINE = ("command", "params_from", "seeds", "resources", "outputs", "parent", "capture")
_FAMILY, _, _VERSION = m.SCHEMA.rpartition("v")


class SchemaError(ValueError):
    """What was read is no manifest; ``faults`` says why, all reasons at once."""

    def __init__(self, faults: Faults) -> None:
        super().__init__("; ".join(map(str, faults[:3])))
        self.faults = faults


class Rule(NamedTuple):
    """How one key of a section is read and written.

    Attributes:
        kind: What it holds.
        required: Whether a file without it is refused.
        always: Whether it is written even when it holds its default.
    """

    kind: Kind
    required: bool = False
    always: bool = False


class Section(Kind):
    """A mapping with known keys, which becomes a named tuple; unknown keys are kept in ``extra``."""

    def __init__(self, target: type[Any], **rules: Rule | Kind) -> None:
        self.target = target
        self.rules = {key: Rule(rule) if isinstance(rule, Kind) else rule for key, rule in rules.items()}
        self.required = [key for key, rule in self.rules.items() if rule.required]
        if {*target._fields} != {*self.rules, "extra"}:
            raise TypeError(f"the table and {target.__name__} differ")
        self.defaults = target._field_defaults

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        """The value, or None after a fault."""
        if not isinstance(value, dict):
            faults.append(Fault(path, "not a mapping"))
            return None
        before = len(faults)
        known: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for key, item in value.items():
            rule = self.rules.get(key)
            if rule is None:
                extra[key] = item
            elif item is not None:
                known[key] = rule.kind.read(item, f"{path}.{key}" if path else key, faults)
        faults.extend(Fault(place(path, key), "missing") for key in self.required if key not in known)
        return self.target(**known, extra=extra) if len(faults) == before else None

    def write(self, value: Any) -> dict[str, Any]:
        """The plain mapping: keys in declared order, those without content left out."""
        plain: dict[str, Any] = {}
        for key, rule in self.rules.items():
            item = getattr(value, key)
            if item is None or (not rule.always and (item == self.defaults.get(key) or item in ((), {}))):
                continue
            plain[key] = rule.kind.write(item)
        plain.update((key, item) for key, item in value.extra.items() if key not in self.rules)
        return plain

    def shape(self) -> dict[str, Any]:
        """A reference; the definition is in ``core.jsonschema``."""
        return {"$ref": f"#/$defs/{self.target.__name__}"}


_MD5 = Hex(32, endings=("", ".dir"))
_GIT_ID = Hex(40, 64)
_FREE = Named()

COMMAND = Section(
    m.Command,
    argv=Rule(Several(Text()), required=True, always=True),
    cwd=Rule(Path(top=True), always=True),
    exit_code=Whole(0, 255),
)
CODE = Section(
    m.CodeState,
    commit=_GIT_ID,
    branch=Text(),
    dirty=Rule(Flag(), always=True),
    tree=_GIT_ID,
    changed_while_running=Several(Text()),
    left_out=Several(Section(m.LeftOut, path=Rule(Text(), required=True), why=Rule(Text(), required=True))),
    submodules=Several(
        Section(
            m.Submodule,
            path=Rule(Text(), required=True),
            commit=Rule(_GIT_ID, required=True),
            dirty=Rule(Flag(), required=True, always=True),
        )
    ),
    # Written even when empty: that nothing was opened is known then.
    imported=Rule(Several(Text()), always=True),
    opened=Rule(Several(Text()), always=True),
)
METRIC = Section(
    m.Metric,
    value=Rule(Real(), required=True, always=True),
    step=Whole(-(2**63)),
    min=Real(),
    max=Real(),
    points=Whole(1),
    direction=Word("max", "min"),
    source=Text(),
)
DATA = Section(
    m.DataInput,
    path=Path(top=True, outside=True),
    uri=Text(),
    md5=_MD5,
    bytes=Whole(),
    nfiles=Whole(),
    dvc=Text(),
    version=Text(),
    etag=Text(),
    version_id=Text(),
    changed=Flag(),
    stored=Flag(),
)
ARTIFACT = Section(
    m.Artifact,
    path=Rule(Path(), required=True),
    md5=_MD5,
    bytes=Whole(),
    nfiles=Whole(),
    kind=Rule(Text(), always=True),
    stored=Rule(Flag(), always=True),
)
ENVIRONMENT = Section(
    m.Environment,
    python=Text(),
    packages=Pattern(
        r"environments/[0-9a-f]{12}\.yaml", "a package list such as environments/5b0c7d21e9aa.yaml"
    ),
    platform=Text(),
    cpu=_FREE,
    memory_bytes=Whole(),
    gpus=Several(_FREE),
    cuda=Text(),
    numeric=_FREE,
    container=Text(),
    imported=Rule(Several(Text()), always=True),
)
SEEDS = Section(m.Seeds, requested=Whole(-(2**63)), set=Named(Whole(-(2**63))), unset=Several(Text()))
RESOURCES = Section(
    m.Resources,
    cpu_s=Real(finite=True),
    max_rss_bytes=Whole(),
    gpu_max_memory_bytes=Whole(),
    gpu_utilization=Real(finite=True),
)
CAPTURE = Section(
    m.Capture, expctl=Rule(Text(), required=True, always=True), notes=Several(Text()), hooks=Flag()
)
MANIFEST = Section(
    m.Manifest,
    schema=Rule(Word(m.SCHEMA), required=True, always=True),
    id=Rule(RunId(), required=True, always=True),
    name=Text(),
    experiment=Rule(Text(), always=True),
    status=Rule(Word(*m.FINAL_STATUSES), required=True, always=True),
    started_at=Rule(Moment(), required=True, always=True),
    duration_s=Real(finite=True),
    command=Rule(COMMAND, required=True, always=True),
    code=CODE,
    params=_FREE,
    params_from=_FREE,
    metrics=Named(METRIC),
    data=Several(DATA),
    artifacts=Several(ARTIFACT),
    environment=ENVIRONMENT,
    seeds=SEEDS,
    resources=RESOURCES,
    outputs=Named(_MD5),
    tags=Named(Text()),
    notes=Several(Text()),
    parent=_FREE,
    capture=CAPTURE,
)


def to_dict(manifest: m.Manifest) -> dict[str, Any]:
    """The manifest as plain values, in the order of the file; sections without content are left out."""
    plain = MANIFEST.write(manifest)
    return {key: item for key, item in plain.items() if item not in ({}, []) or key in manifest.extra}


def from_dict(data: Any) -> m.Manifest:
    """Check plain values and make a manifest of them.

    Raises:
        SchemaError: With every fault and its path.
    """
    faults: Faults = []
    if (refusal := _other_schema(data)) is not None:
        raise SchemaError([refusal])
    found = MANIFEST.read(data, "", faults)
    if len(faults) > MAX_FAULTS:
        faults[MAX_FAULTS:] = [Fault("", f"and {len(faults) - MAX_FAULTS} more faults")]
    if faults:
        raise SchemaError(faults)
    assert isinstance(found, m.Manifest)
    return found


def _other_schema(data: Any) -> Fault | None:
    """The one fault of a file that is another kind or from a later time: all further ones would mislead."""
    if not isinstance(data, dict):
        return Fault("", "not a mapping")
    schema = data.get("schema")
    if schema == m.SCHEMA:
        return None
    if "schema" not in data:
        return Fault("schema", "missing: not a manifest of expctl")
    digits = (
        schema[len(_FAMILY) + 1 :] if isinstance(schema, str) and schema.startswith(_FAMILY + "v") else ""
    )
    if digits.isdecimal() and len(digits) < 9 and int(digits) > int(_VERSION):  # noqa: PLR2004
        return Fault("schema", f"written by a newer expctl ({schema}); this one reads {m.SCHEMA}")
    return Fault("schema", f"not {m.SCHEMA}")
