"""What ``expctl run`` says at the end: one line, and a line for each thing that was not captured."""

from __future__ import annotations

from expctl.core.manifest import LATE_EDITS
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from expctl.actions.record import Recorded
    from expctl.core.manifest import Manifest

_SHOWN_METRICS = 4
#: How notes begin that tell something else than what could not be captured.
_PLAIN = ("redacted: ", LATE_EDITS, "ended by ", "some output could not be shown")


def lines_of(done: Recorded, *, columns: int | None = None) -> list[str]:
    """The lines, without colour; folded between facts when there are only so many columns."""
    lines = []
    manifest = done.manifest
    if manifest is not None:
        facts = [manifest.id, _outcome(manifest), *_metrics(manifest)]
        facts += _kept(manifest)
        if done.committed:
            facts.append(f"committed {done.committed[:7]}")
        lines += _folded(facts, columns)
        notes = manifest.capture.notes if manifest.capture else ()
        lines += [f"  {note}" if note.startswith(_PLAIN) else f"  not captured: {note}" for note in notes]
        left_out = manifest.code.left_out if manifest.code else ()
        if left_out:
            shown = ", ".join(f"{item.path} ({item.why})" for item in left_out[:3])
            more = f" and {len(left_out) - 3} more" if len(left_out) > 3 else ""  # noqa: PLR2004 as above
            lines.append(f"  not in the source snapshot: {shown}{more}")
        lines += [f"  {line}" for line in _beyond_seed(manifest)]
    return lines + [f"  {line}" for line in done.said]


#: Generators that a script makes for itself, and kernels that no seed decides: what helps.
_OWN = "numpy.random.default_rng() without a seed"
_KERNELS = {
    "torch_deterministic": "torch.use_deterministic_algorithms(True)",
    "tf_deterministic": "tf.config.experimental.enable_op_determinism()",
}


def _beyond_seed(manifest: Manifest) -> list[str]:
    """What ``--seed`` does not make the same each time, in one line."""
    seeds, where = manifest.seeds, manifest.environment
    if seeds is None or seeds.requested is None:
        return []
    beyond = [_OWN] if "default_rng" in seeds.unset else []
    if where is not None and where.gpus:
        off = [call for flag, call in _KERNELS.items() if where.numeric.get(flag) is False]
        beyond += [f"kernels of the GPU, without {call}" for call in off]
    return [f"--seed {seeds.requested} does not reach: {'; '.join(beyond)}"] if beyond else []


def _folded(facts: list[str], columns: int | None) -> list[str]:
    lines = [facts[0]]
    for fact in facts[1:]:
        if columns is None or len(lines[-1]) + len(" · ") + len(fact) <= columns:
            lines[-1] += f" · {fact}"
        else:
            lines.append(f"  {fact}")
    return lines


def _outcome(manifest: Manifest) -> str:
    code = manifest.command.exit_code
    how = (
        manifest.status
        if manifest.status == "completed" or code is None
        else f"{manifest.status} (exit {code})"
    )
    seconds = manifest.duration_s
    if seconds is None:
        return how
    if seconds < 60:  # noqa: PLR2004 seconds in a minute
        return f"{how} in {seconds:.1f} s" if seconds >= 1 else f"{how} in {seconds:.2g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{how} in {hours} h {minutes:02} min" if hours else f"{how} in {minutes} min {rest:02} s"


def _metrics(manifest: Manifest) -> list[str]:
    shown = [f"{name} {metric.value:.4g}" for name, metric in list(manifest.metrics.items())[:_SHOWN_METRICS]]
    more = len(manifest.metrics) - len(shown)
    return [*shown, f"{more} more metrics"] if more > 0 else shown


def _kept(manifest: Manifest) -> list[str]:
    """What of the run's files is kept, and how much that is."""
    outputs = [item for item in manifest.artifacts if item.stored]
    inputs = [item for item in manifest.data if item.stored]
    parts = []
    for noun, items in (("file", outputs), ("input file", inputs)):
        if items:
            from expctl.render import numbers  # a run that keeps nothing does without

            count = _count(sum(item.nfiles or 1 for item in items), noun)
            parts.append(f"{count} ({numbers.size(sum(item.bytes or 0 for item in items))})")
    return [f"kept {' and '.join(parts)}"] if parts else []


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
