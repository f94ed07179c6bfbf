// Parallel coordinates: an axis for each column, a line for each run, ranges that are drawn on the axes.
const parallel = { axes: null, shade: null };
const MOST_WORDS = 40;

function axisColumns() {
  const fits = (column) => column.isNumber ? column.range : column.words && column.words.length <= MOST_WORDS;
  if (!parallel.axes) {
    const wanted = state.columns.filter((column) => fits(column) && ["params", "metrics", "tags"].includes(column.group));
    // As many as stand apart; params and metrics share the room.
    const room = Math.max(4, Math.min(10, Math.floor(panel.clientWidth / 120)));
    const some = (group, most) => wanted.filter((column) => column.group === group).slice(0, most);
    const measured = some("metrics", Math.max(2, Math.floor(room * .4)));
    const chosen = [...some("params", 5), ...some("tags", 1)].slice(0, room - measured.length);
    parallel.axes = [...chosen, ...some("metrics", room - chosen.length).slice(0, 5)];
  }
  parallel.options = varying.filter((column) => fits(column) && column.name !== "name");
  if (!parallel.shade) parallel.shade = parallel.axes.find((column) => column.direction) || parallel.axes.at(-1);
  return parallel.axes;
}

function makeAxis(column, bottom, top) {
  if (column.isNumber) {
    const [low, high] = column.range;
    const axis = new Axis(low, high, bottom, top, column.isCrowded);
    axis.place = (run) => column.finite(run) ? axis.at(column.numbers[run]) : null;
    return axis;
  }
  const words = column.words.slice().sort(), step = (bottom - top) / Math.max(1, words.length);
  const at = new Map(words.map((word, k) => [word, bottom - step * (k + .5)]));
  return { words, wordAt: at, place: (run) => at.get(column.get(run)) ?? null };
}

function drawParallel(panel, controls) {
  const shown = axisColumns();
  const missing = parallel.options.filter((column) => !shown.includes(column));
  if (missing.length) {
    controls.append(chooser("Add axis", [{ name: "", label: "…" }, ...missing], "", (name) => {
      if (name) parallel.axes.push(byName.get(name));
      refresh(false);
    }));
  }
  if (shown.length) {
    controls.append(chooser("Colour", shown.filter((column) => column.isNumber), parallel.shade?.name ?? "", (name) => {
      parallel.shade = byName.get(name);
      refresh(false);
    }));
  }
  if (shown.length < 2) return message(panel, "Parallel coordinates need two columns that differ between runs.");
  const { pen, wide, high, canvas } = sheet(panel);
  const top = 44, bottom = high - 46, side = 76;
  const at = (k) => side + k * (wide - 2 * side) / (shown.length - 1);
  const axes = shown.map((column) => makeAxis(column, bottom, top));
  drawLines(pen, shown, axes, at, high);
  axes.forEach((axis, k) => drawAxis(pen, axis, at(k), top, bottom, shown[k]));
  shown.forEach((column, k) => panel.append(axisHead(column, k, at(k)), ...bounds(column, at(k), at(1) - at(0))));
  brush(canvas, shown, axes, at, top, bottom);
}

function drawLines(pen, shown, axes, at, high) {
  const shade = parallel.shade && parallel.shade.range ? parallel.shade : null;
  // Of the runs that are shown: what is left after a brush is told apart again.
  let least = Infinity, most = -Infinity;
  if (shade) for (const run of state.shown) if (shade.finite(run)) {
    least = Math.min(least, shade.numbers[run]); most = Math.max(most, shade.numbers[run]);
  }
  const part = (run) => shade && shade.finite(run) ? (shade.numbers[run] - least) / (most - least || 1) : null;
  const chosen = state.shown.filter((run) => state.selected.has(run));
  const many = state.shown.length, alpha = Math.max(.06, Math.min(.8, 500 / many));
  const rest = chosen.length ? Math.max(.02, alpha / 6) : alpha;
  mix.stops = null;
  // Lines of one shade are one stroke: ten thousand strokes would take a second.
  const shades = new Map();
  for (const run of state.shown) {
    const value = part(run), key = value === null ? -1 : Math.round(value * 24);
    if (!shades.has(key)) shades.set(key, []);
    shades.get(key).push(run);
  }
  const trace = (runs) => {
    pen.beginPath();
    for (const run of runs) axes.forEach((axis, k) => {
      const y = axis.place(run) ?? high - 34;
      if (k) pen.lineTo(at(k), y); else pen.moveTo(at(k), y);
    });
    pen.stroke();
  };
  pen.lineWidth = 1;
  // The better end is drawn last, and is not hidden by the rest.
  const rise = shade && shade.direction === "min" ? -1 : 1;
  for (const [key, runs] of [...shades].sort((a, b) => (a[0] < 0 || b[0] < 0 ? a[0] - b[0] : rise * (a[0] - b[0])))) {
    pen.strokeStyle = key < 0 ? `rgba(128,128,128,${rest})` : `rgba(${mix(key / 24)},${rest})`;
    for (let from = 0; from < runs.length; from += 40) trace(runs.slice(from, from + 40));
  }
  pen.lineWidth = 2.5;
  chosen.slice(0, 500).forEach((run, k) => {
    pen.strokeStyle = color(PALETTE[k % PALETTE.length]);
    trace([run]);
  });
  pen.fillStyle = color("faint"); pen.textAlign = "left"; pen.textBaseline = "middle";
  axes.forEach((axis, k) => {
    if (state.shown.some((run) => axis.place(run) === null)) pen.fillText("missing", at(k) + 6, high - 34);
  });
}

function drawAxis(pen, axis, x, top, bottom, column) {
  pen.strokeStyle = color("ink");
  pen.lineWidth = 1;
  pen.beginPath(); pen.moveTo(x, top); pen.lineTo(x, bottom); pen.stroke();
  const write = (text, y) => {
    const cut = text.length > 16 ? text.slice(0, 15) + "…" : text;
    pen.lineWidth = 3; pen.strokeStyle = color("panel"); pen.strokeText(cut, x + 6, y);
    pen.fillStyle = color("ink"); pen.fillText(cut, x + 6, y);
  };
  pen.textAlign = "left"; pen.textBaseline = "middle"; pen.lineJoin = "round";
  if (axis.words) {
    const every = Math.ceil(axis.words.length / Math.max(1, Math.floor((bottom - top) / 14)));
    axis.words.forEach((word, k) => { if (k % every === 0) write(clean(word), axis.wordAt.get(word)); });
  } else for (const value of axis.ticks()) write(short(value), axis.at(value));
  const range = state.brushes.get(column.name);
  if (!range) return;
  pen.fillStyle = color("accent"); pen.globalAlpha = .28;
  if (range.words) for (const word of range.words) pen.fillRect(x - 7, (axis.wordAt.get(word) ?? -99) - 6, 14, 12);
  else {
    const low = Math.min(bottom, axis.at(Math.max(range.low, axis.low))), up = Math.max(top, axis.at(Math.min(range.high, axis.high)));
    pen.fillRect(x - 7, up, 14, Math.max(2, low - up));
  }
  pen.globalAlpha = 1;
}

function axisHead(column, k, x) {
  const name = element("button", { type: "button", title: clean(column.name) + ": move to the left",
    onclick: () => {
      parallel.axes.splice(k, 1);
      parallel.axes.splice(Math.max(0, k - 1), 0, column);
      refresh(false);
    } }, clean(column.label));
  const away = element("button", { type: "button", class: "away", "aria-label": "Remove axis " + clean(column.label),
    onclick: () => {
      parallel.axes.splice(k, 1);
      setBrush(column, null);
    } }, "×");
  const made = element("div", { class: "axis" }, name, away);
  made.style.left = x + "px";
  return made;
}

// The ends of a range as numbers: the same by keyboard.
function bounds(column, x, room) {
  if (!column.isNumber) return [];
  const range = state.brushes.get(column.name) || {};
  const field = (end, label) => element("input", {
    type: "text", inputmode: "decimal", "aria-label": `${label} ${clean(column.label)}`, placeholder: label,
    value: Number.isFinite(range[end]) ? short(range[end]) : "",
    onchange: (event) => {
      const typed = event.target.value.trim(), value = Number(typed), old = state.brushes.get(column.name) || {};
      const next = { low: -Infinity, high: Infinity, ...old, [end]: typed === "" || Number.isNaN(value) ? (end === "low" ? -Infinity : Infinity) : value };
      setBrush(column, Number.isFinite(next.low) || Number.isFinite(next.high) ? next : null);
    },
  });
  const made = element("div", { class: "bounds" }, field("low", "from"), field("high", "to"));
  const wide = Math.max(60, Math.min(116, room - 8));
  made.style.width = wide + "px";
  made.style.left = x - wide / 2 + "px";
  return [made];
}

function setBrush(column, range) {
  if (range) state.brushes.set(column.name, range); else state.brushes.delete(column.name);
  refresh();
}

function brush(canvas, shown, axes, at, top, bottom) {
  canvas.style.cursor = "crosshair";
  canvas.addEventListener("pointerdown", (event) => {
    const box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left, from = event.clientY - box.top;
    const k = shown.findIndex((_, place) => Math.abs(at(place) - x) < 14);
    if (k < 0) return;
    const move = (later) => {
      const to = later.clientY - box.top;
      if (Math.abs(to - from) < 4) return setBrush(shown[k], null);
      const low = Math.max(from, to), high = Math.min(from, to), axis = axes[k];
      if (axis.words) {
        const words = axis.words.filter((word) => { const y = axis.wordAt.get(word); return y <= low + 6 && y >= high - 6; });
        return setBrush(shown[k], words.length ? { words: new Set(words) } : null);
      }
      setBrush(shown[k], { low: low >= bottom ? -Infinity : axis.value(low), high: high <= top ? Infinity : axis.value(high) });
    };
    const end = (later) => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      move(later);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    event.preventDefault();
  });
}
