// Runs between two goals, with the Pareto front of all goals that are chosen.
const scatter = { goals: null };
const MOST_GOALS = 5;

function goalColumns() {
  const options = varying.filter((column) => column.isNumber && column.range && column.group !== "code");
  if (!scatter.goals) {
    const asked = data.objectives.map((goal) => ({ column: byName.get(goal.column), max: goal.direction === "max" })).filter((goal) => goal.column);
    const known = options.filter((column) => column.group === "metrics");
    // Goals that pull apart tell more than two that rise together.
    const first = ["max", "min"].map((way) => known.find((column) => column.direction === way)).filter(Boolean);
    const rest = [...first, ...known.filter((column) => column.direction), ...known, ...options];
    for (const column of rest) {
      if (asked.length >= 2) break;
      if (!asked.some((goal) => goal.column === column)) asked.push({ column, max: column.direction === "max" });
    }
    scatter.goals = asked;
  }
  return options;
}

function drawScatter(panel, controls) {
  const options = goalColumns(), goals = scatter.goals;
  if (goals.length < 2) return message(panel, "A front needs two numeric columns that differ between runs.");
  goals.forEach((goal, k) => {
    const label = ["Up", "Across", "and", "and", "and"][k];
    controls.append(chooser(label, k > 1 ? [{ name: "", label: "(none)" }, ...options] : options, goal.column.name, (name) => {
      if (name) goals[k] = { column: byName.get(name), max: byName.get(name).direction === "max" };
      else goals.splice(k, 1);
      refresh(false);
    }), element("button", { type: "button", title: "Which end is better", onclick: () => { goal.max = !goal.max; refresh(false); } },
      goal.max ? "↑ high" : "↓ low"));
  });
  if (goals.length < MOST_GOALS) {
    controls.append(chooser("and", [{ name: "", label: "…" }, ...options], "", (name) => {
      if (name) goals.push({ column: byName.get(name), max: byName.get(name).direction === "max" });
      refresh(false);
    }));
  }
  const best = front(state.shown, goals);
  scatter.front = best;
  controls.append(element("button", { type: "button", title: "Select the runs of the front", onclick: () => { state.selected = new Set(best); refresh(state.onlySelected); } },
    `Select ${best.size}`));
  const [vertical, horizontal] = [goals[0].column, goals[1].column];
  const runs = state.shown.filter((run) => vertical.finite(run) && horizontal.finite(run));
  if (!runs.length) return message(panel, "No shown run has finite numbers of both.");
  const { pen, wide, high, canvas } = sheet(panel);
  const ends = (column) => runs.reduce(([low, up], run) => [Math.min(low, column.numbers[run]), Math.max(up, column.numbers[run])], [Infinity, -Infinity]);
  const pad = ([low, up]) => { const room = (up - low) * .04; return [low - room, up + room]; };
  const across = new Axis(...pad(ends(horizontal)), 70, wide - 24), up = new Axis(...pad(ends(vertical)), high - 40, 26);
  frame(pen, across, up, { across: clean(horizontal.label), up: clean(vertical.label) });
  const places = runs.map((run) => [run, across.at(horizontal.numbers[run]), up.at(vertical.numbers[run])]);
  drawPoints(pen, places, best, goals, across);
  hoverPoints(canvas, places, goals);
}

function drawPoints(pen, places, best, goals, across) {
  const dot = (x, y, size, fill) => { pen.fillStyle = fill; pen.beginPath(); pen.arc(x, y, size, 0, 7); pen.fill(); };
  pen.globalAlpha = places.length > 500 ? .35 : .7;
  for (const [run, x, y] of places) if (!best.has(run)) dot(x, y, 3, color("c1"));
  pen.globalAlpha = 1;
  const line = places.filter(([run]) => best.has(run)).sort((a, b) => a[1] - b[1] || b[2] - a[2]);
  if (goals.length === 2) {
    // Between two points of the front the worse of both is what is known to be reached.
    pen.strokeStyle = color("c2"); pen.lineWidth = 1.5; pen.beginPath();
    line.forEach(([, x, y], k) => {
      if (!k) return pen.moveTo(x, y);
      const before = line[k - 1];
      if (goals[1].max) pen.lineTo(before[1], y); else pen.lineTo(x, before[2]);
      pen.lineTo(x, y);
    });
    pen.stroke();
  }
  for (const [, x, y] of line) dot(x, y, 5.5, color("c2"));
  pen.strokeStyle = color("ink"); pen.lineWidth = 2;
  for (const [run, x, y] of places) if (state.selected.has(run)) { pen.beginPath(); pen.arc(x, y, 8, 0, 7); pen.stroke(); }
  label(pen, line, across);
}

// Names of the front, as long as none lies over another.
function label(pen, line, across) {
  pen.textAlign = "left"; pen.textBaseline = "bottom"; pen.fillStyle = color("ink");
  const taken = [];
  for (const [run, x, y] of line) {
    const text = nameOf(run) || suffixOf(run), wide = pen.measureText(text).width;
    const left = Math.min(x + 7, across.to - wide), box = [left, y - 18, left + wide, y - 3];
    if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
    taken.push(box);
    pen.fillText(text, left, y - 5);
  }
}

function hoverPoints(canvas, places, goals) {
  const nearest = (event) => {
    const box = canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    let near = null, least = 200;
    for (const place of places) {
      const away = (place[1] - x) ** 2 + (place[2] - y) ** 2;
      if (away < least) { least = away; near = place; }
    }
    return near && near[0];
  };
  canvas.addEventListener("pointermove", (event) => {
    const run = nearest(event);
    canvas.style.cursor = run === null ? "" : "pointer";
    point(event, run !== null && called(run) + goals.map((goal) => `\n${clean(goal.column.label)} ${goal.column.text(run)}`).join(""));
  });
  canvas.addEventListener("pointerleave", () => point(null, ""));
  canvas.addEventListener("click", (event) => { const run = nearest(event); if (run !== null) toggle(run, false); });
}
