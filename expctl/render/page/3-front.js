// The Pareto front of some runs: those that no other beats. Goals are { column, max }.
function front(runs, goals) {
  const points = [];
  for (const run of runs) {
    if (goals.every((goal) => goal.column.finite(run))) {
      points.push({ run, at: goals.map((goal) => goal.max ? -goal.column.numbers[run] : goal.column.numbers[run]) });
    }
  }
  points.sort((one, other) => {
    for (let k = 0; k < goals.length; k++) if (one.at[k] !== other.at[k]) return one.at[k] - other.at[k];
    return 0;
  });
  // In this order only earlier points can beat later ones.
  const kept = [];
  const same = (one, other) => one.at.every((value, k) => value === other.at[k]);
  const beats = (one, other) => one.at.every((value, k) => value <= other.at[k]);
  let lowest = Infinity, before = null;
  for (const point of points) {
    if (before && same(before, point)) { kept.push(point); continue; }
    const isBeaten = goals.length <= 2
      ? point.at[goals.length - 1] >= lowest
      : kept.some((other) => beats(other, point));
    if (isBeaten) continue;
    lowest = Math.min(lowest, point.at[goals.length - 1]);
    kept.push(point);
    before = point;
  }
  return new Set(kept.map((point) => point.run));
}
