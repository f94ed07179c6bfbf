"""Write docs/reference/manifest.schema.json from the table of checks: python docs/make_schema.py."""

from __future__ import annotations

import json
from pathlib import Path

from expctl.core import jsonschema

PAGE = Path(__file__).parent / "reference" / "manifest.schema.json"

if __name__ == "__main__":
    PAGE.write_text(json.dumps(jsonschema.build(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
