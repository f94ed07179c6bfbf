"""expctl: experiments and models, recorded in the git repository that they belong to.

In a training script::

    import expctl

    expctl.log_params({"lr": 0.001})
    expctl.log_metric("loss", 0.25, step=7)

Importing this costs nothing: what is used is loaded when it is used. There is no dependency, and nothing
newer than Python 3.8 on the way to ``log_metric``: a script's interpreter may be another than expctl's own.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing costs a training script 4 ms
if TYPE_CHECKING:
    from expctl.api.live import (
        log_artifact,
        log_metric,
        log_metrics,
        log_param,
        log_params,
        set_tag,
        set_tags,
    )
    from expctl.api.models import model_path
    from expctl.api.runs import search_runs
    from expctl.api.seeds import seed_everything
    from expctl.api.session import run
    from expctl.version import VERSION as __version__  # noqa: N811 - the name that tools ask for
else:

    def __getattr__(name: str) -> object:
        """Load a public name when it is first asked for."""
        module = {
            "model_path": "models",
            "run": "session",
            "search_runs": "runs",
            "seed_everything": "seeds",
        }.get(name, "live")
        if name == "__version__":
            from expctl import version

            found = version.VERSION
        elif name in __all__:
            found = getattr(__import__("expctl.api." + module, fromlist=[name]), name)
        else:
            raise AttributeError("module 'expctl' has no attribute " + repr(name))
        globals()[name] = found
        return found


__all__ = [
    "__version__",
    "log_artifact",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "model_path",
    "run",
    "search_runs",
    "seed_everything",
    "set_tag",
    "set_tags",
]


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*__all__, *globals()})
