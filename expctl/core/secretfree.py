"""The last door before a manifest is written: whatever filled it, no secret stands in its texts."""

from __future__ import annotations

from expctl.core import redact
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.manifest import Manifest

#: Names that a note lists; the rest is counted.
_SAID = 5


def clean(manifest: Manifest, known: Sequence[str]) -> Manifest:
    """Hide what is left of secrets in a manifest, and say where.

    Paths of files stay as they are: they are what the bytes are found by.

    Args:
        manifest: Complete.
        known: Secrets to be looked for as they are.
    """
    hidden: list[str] = []

    def text(value: str | None, where: str) -> Any:
        if value is None:
            return None
        shown, hits = redact.redact_text(value, known=known)
        hidden.extend([where] if hits else [])
        return shown

    def tree(values: Mapping[str, Any], where: str) -> dict[str, Any]:
        shown, names = redact.redact_tree(values, known=known)
        hidden.extend(f"{where}.{name}" for name in names)
        return {text(key, where): value for key, value in shown.items()}

    argv, said = redact.redact_argv(manifest.command.argv, known=known)
    hidden.extend(said)
    cleaned = manifest._replace(
        name=text(manifest.name, "name"),
        experiment=text(manifest.experiment, "experiment"),
        command=manifest.command._replace(argv=argv),
        params=tree(manifest.params, "params"),
        params_from={text(key, "params_from"): value for key, value in manifest.params_from.items()},
        metrics={text(key, "metrics"): value for key, value in manifest.metrics.items()},
        data=tuple(each._replace(uri=text(each.uri, "data")) if each.uri else each for each in manifest.data),
        tags=tree(manifest.tags, "tags"),
        notes=tuple(text(note, "notes") for note in manifest.notes),
        parent=tree(manifest.parent, "parent"),
    )
    capture = cleaned.capture
    if capture is not None:
        notes = tuple(text(note, "capture.notes") for note in capture.notes)
        more = f" and {len(hidden) - _SAID} more" if len(hidden) > _SAID else ""
        seen = (f"redacted: {', '.join(dict.fromkeys(hidden[:_SAID]))}{more}",) if hidden else ()
        cleaned = cleaned._replace(capture=capture._replace(notes=(*notes, *seen)))
    return cleaned
