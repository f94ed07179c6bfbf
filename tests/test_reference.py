"""The reference pages of the manifest and of the settings say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from expctl.config import Config
from expctl.core import schema, settings, yamltext
from expctl.core.fields import Named, Several
from expctl.store import manifests

DOCS = Path(__file__).parents[1] / "docs" / "reference"
MANIFEST = (DOCS / "manifest.md").read_text(encoding="utf-8")
CONFIG = (DOCS / "config.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```yaml\n(.*?)```", MANIFEST, re.DOTALL)


def sections() -> dict[str, schema.Section]:
    """Sections with a table of their own, by the title that it stands under."""
    found = {"The top level": schema.MANIFEST}
    for key, rule in schema.MANIFEST.rules.items():
        kind = rule.kind
        inner = kind.kind if isinstance(kind, (Several, Named)) else kind
        if isinstance(inner, schema.Section):
            found[f"`{key}`"] = inner
    return found


@pytest.mark.parametrize("title", sections())
def test_each_section_of_a_manifest_is_described_key_by_key(title):
    text = MANIFEST.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]

    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == list(sections()[title].rules)


def test_the_required_keys_are_named():
    named = ", ".join(f"`{key}`" for key in schema.MANIFEST.required)
    assert f"Required: {named}." in MANIFEST


def test_the_example_is_a_manifest_in_the_very_form_that_is_written():
    assert EXAMPLE is not None
    text = EXAMPLE[1]
    manifest = manifests.parse(text.encode(), name="the example", expect_id="20261122-190546-k3f9qa")

    assert manifests.encode(manifest).decode() == text
    assert set(schema.MANIFEST.rules) - set(schema.to_dict(manifest)) == {"parent"}


def test_every_setting_is_described_with_its_default():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", CONFIG, re.MULTILINE))
    assert list(rows) == list(settings.KEYS)

    for key, setting in settings.KEYS.items():
        default = getattr(Config(), settings.field_of(key))
        if setting.simple:
            text = settings.size_text(default) if setting.read is settings.size else yamltext.flow(default)
            assert rows[key] == f"`{text}`", key
