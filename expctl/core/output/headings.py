"""What headings say of the lines under them: the epoch, a part of the data, whose numbers they are."""

from __future__ import annotations

import re

from expctl.core.output import names

#: ``=== Test ===``, ``Random forest:``, ``OLS Regression Results``
_TITLE = re.compile(
    r"\s*[=\-*#~]{2,}\s*([A-Za-z][\w \-/.&]{0,40}?)\s*[=\-*#~:]*\s*\Z"
    r"|\s*([A-Za-z][\w \-/.&`'\"]{0,80}?)\s*:\s*\Z"
    r"|\s*([A-Za-z][\w \-]{0,40} Results)\s*\Z"
)
#: ``training: adam``, ``Model: Ridge``, ``learning on dataset iris``: what the lines below hold for.
SUBJECT = re.compile(
    r"[\s=\-*#>]*(?:training|fitting|evaluating|testing|running|learning|model|classifier|regressor|estimator|learner"
    r"|algorithm|method|solver|optimi[sz]er|kernel|strategy|dataset|data set)"
    r"(?:\s*[:=]\s*|\s+(?:on|with|for|using)\s+(?:the\s+)?(?:data\s?set\s+)?)(?P<what>[A-Za-z][^\d:=]{0,60}?)[\s=\-*#:]*\Z",
    re.IGNORECASE,
)
#: Metrics with such names are of the whole run.
_RUN_WIDE = re.compile(r"best|final|overall|total|\btest|mean|avg|average|cv", re.IGNORECASE)


class Headings:
    """The headings above the present line.

    Attributes:
        step: The epoch that the last one named.
        epoch: The same, where such epochs go through the whole training.
        fresh: Whether no Keras bar has ended since then.
        text: For what the lines hold, when a heading says so and it is no part of the data.
    """

    def __init__(self) -> None:
        self.step: int | None = None
        self.epoch: int | None = None
        self.fresh = False
        self.text = ""
        self._front = ""

    def note_epoch(self, step: int | None, epoch: int | None) -> None:
        """A heading that names an epoch."""
        self.step, self.epoch, self.fresh = step, epoch, True
        self.blank()

    def note_title(self, message: str) -> None:
        """A line without numbers: perhaps a heading of words."""
        found = _TITLE.match(message)
        subject = SUBJECT.match(message) if found is None else None
        if subject is not None:
            title = subject["what"].strip()
        elif found is not None:
            title = found[1] or found[2] or found[3]
        else:
            return
        front = names.label(title)
        if front is not None and (front == "" or front in names.SCOPES.values()):
            self._front, self.text = front, ""
        else:
            self._front, self.text = "", title

    def blank(self) -> None:
        """An empty line: what a heading of words said is over."""
        self._front = self.text = ""

    def name_of(self, name: str) -> str:
        """A metric's name with the part of the data in front."""
        return f"{self._front}_{name}" if self._front and not names.scope_of(name) else name

    def step_of(self, name: str) -> int | None:
        """The epoch that holds for a metric."""
        return None if self.step is None or _RUN_WIDE.search(name) else self.step
