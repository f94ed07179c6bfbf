"""Where things lie: the repository that a command was typed in, and the paths that expctl uses in it."""

from __future__ import annotations

import os
from pathlib import Path

from expctl.adapters import gitplaces
from expctl.errors import NotARepositoryError
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from expctl.config import Config

FOLDER = ".experiments"


class Project:
    """A git work tree and the places under it.

    Attributes:
        root: Top of the work tree, absolute.
        git_dir: The git directory of this work tree.
        common: The git directory that all work trees of the clone share.
        prefix: From ``root`` to where the user stands, with ``/``; ``.`` at the top.
        home: The work tree that takes the records: ``root``, but for a run that is repeated in a copy.
    """

    def __init__(
        self, *, root: Path, git_dir: Path, common: Path, prefix: str = ".", home: Path | None = None
    ) -> None:
        self.root = root
        self.home = home or root
        self.git_dir = git_dir
        self.common = common
        self.prefix = prefix
        self._config: Config | None = None

    @property
    def experiments(self) -> Path:
        """The committed folder."""
        return self.home / FOLDER

    @property
    def runs(self) -> Path:
        """Manifests and pointers, in one folder a day."""
        return self.experiments / "runs"

    @property
    def state(self) -> Path:
        """What belongs to this clone and is never committed."""
        return self.common / "expctl"

    @property
    def live(self) -> Path:
        """Runs in progress, one folder each."""
        return self.state / "live"

    @property
    def is_at_rest(self) -> bool:
        """Whether no run is in progress and nothing that was killed left a copy of a source tree."""
        try:
            if os.listdir(self.live):
                return False
        except OSError:
            pass  # nothing was recorded in this clone yet; a repeat may have been killed in it
        return not os.path.isdir(self.state / "scratch")

    @property
    def finished(self) -> Path:
        """Copies of manifests that may not have reached the upstream branch yet."""
        return self.state / "finished"

    @property
    def index(self) -> Path:
        """The disposable cache of rows."""
        return self.state / "index.sqlite"

    @property
    def config(self) -> Config:
        """The settings in force, read when first asked for."""
        if self._config is None:
            from expctl import config

            self._config = config.load(self.experiments / "config.yaml", root=self.home)
        return self._config

    def read_config_again(self) -> None:
        """Its file was made, or changed, since it was read."""
        self._config = None

    def relative(self, path: str | os.PathLike[str]) -> str:
        """A path as the user typed it, relative to the top with ``/``; absolute if it lies outside.

        Links are not resolved: the name is what the user's program will open.
        """
        full = os.path.normpath(os.path.join(self.root, self.prefix, path))
        inside = os.path.relpath(full, self.root)
        return full if inside == ".." or inside.startswith("../") else inside


def find(start: str | os.PathLike[str]) -> Project:
    """Find the repository around a folder.

    Raises:
        NotARepositoryError: There is none, or it has no work tree.
    """
    places = gitplaces.find_places(start)
    if places is None:
        raise NotARepositoryError(
            f"{os.fspath(start)} is not inside a git repository.",
            hint="Go to your project's folder, or make this one a repository:\n"
            "  git init\n  git add -A && git commit -m 'First commit'",
        )
    if places.top is None:
        if os.path.basename(places.git_dir) == ".git":
            raise NotARepositoryError(f"You are inside of the git directory {places.git_dir}.", hint="cd ..")
        raise NotARepositoryError(
            "This git repository is bare: it has no work tree to record.", hint="Work in a clone of it."
        )
    if not places.prefix and not os.path.samefile(start, places.top):
        # core.worktree: a command started there would not find what its owner sees.
        raise NotARepositoryError(
            f"The work tree of this repository is {places.top}, and you are outside of it."
        )
    return Project(
        root=Path(places.top),
        git_dir=Path(places.git_dir),
        common=Path(places.common_dir),
        prefix=places.prefix or ".",
    )
