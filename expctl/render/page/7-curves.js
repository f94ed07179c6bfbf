// Learning curves of the selected runs; of the first shown ones that have any where none is selected.
const curves = { metric: null, smooth: 0, log: false, time: false };
const MOST_CURVES = 24, UNASKED = 6;

function curveRuns() {
  const has = (run) => data.curves[run] && data.curves[run][curves.metric];
  const chosen = [...state.selected].filter(has);
  return chosen.length ? chosen.slice(0, MOST_CURVES) : state.shown.filter(has).slice(0, UNASKED);
}

function curveOf(run) {
  const [steps, values, times] = data.curves[run][curves.metric];
  const xs = curves.time && times ? times : steps;
  const ys = values.map((value) => typeof value === "string" ? NAMES[value] : value);
  let mean = 0, known = 0;
  const smooth = curves.smooth ? ys.map((value) => {
    if (!Number.isFinite(value)) return value;
    mean = mean * curves.smooth + (1 - curves.smooth) * value;
    known = known * curves.smooth + (1 - curves.smooth);
    return mean / known;
  }) : ys;
  return { run, xs, ys: smooth };
}

function drawCurves(panel, controls) {
  const names = data.metrics;
  if (!names.length) return message(panel, "No curves in this page: the runs logged no steps, or their series are not in the clone that made it.");
  if (!curves.metric) curves.metric = names.find((name) => /loss/i.test(name)) || names[0];
  const slider = element("input", { type: "range", min: "0", max: "0.98", step: "0.02", value: String(curves.smooth), "aria-label": "Smoothing",
    oninput: (event) => { curves.smooth = Number(event.target.value); refresh(false); } });
  controls.append(
    chooser("Metric", names, curves.metric, (name) => { curves.metric = name; refresh(false); }),
    element("label", {}, "Smooth", slider),
    checkbox("log", curves.log, (on) => { curves.log = on; refresh(false); }),
    checkbox("over time", curves.time, (on) => { curves.time = on; refresh(false); }));
  const lines = curveRuns().map(curveOf);
  if (!lines.length) return message(panel, "None of these runs has a curve of " + clean(curves.metric) + " in this page.");
  const fits = (y) => Number.isFinite(y) && (!curves.log || y > 0);
  let low = Infinity, high = -Infinity, left = Infinity, right = -Infinity;
  for (const line of lines) line.xs.forEach((x, k) => {
    if (!fits(line.ys[k])) return;
    low = Math.min(low, line.ys[k]); high = Math.max(high, line.ys[k]);
    left = Math.min(left, x); right = Math.max(right, x);
  });
  if (low > high) return message(panel, "No value above 0 for a logarithmic axis.");
  const { pen, wide, high: tall, canvas } = sheet(panel);
  const across = new Axis(left, right, 64, wide - 290);
  const up = new Axis(low, high, tall - 40, 26, curves.log);
  frame(pen, across, up, { across: curves.time ? "seconds" : "step", up: clean(curves.metric) });
  lines.forEach((line, k) => {
    pen.strokeStyle = color(PALETTE[k % PALETTE.length]);
    pen.setLineDash(DASHES[Math.floor(k / PALETTE.length) % DASHES.length]);
    pen.lineWidth = 1.8;
    pen.beginPath();
    let down = false;
    line.xs.forEach((x, at) => {
      if (!fits(line.ys[at])) { down = false; return; }
      if (down) pen.lineTo(across.at(x), up.at(line.ys[at])); else pen.moveTo(across.at(x), up.at(line.ys[at]));
      down = true;
    });
    pen.stroke();
  });
  pen.setLineDash([]);
  panel.append(curveLegend(lines));
  hoverCurves(canvas, lines, across, up);
}

function curveLegend(lines) {
  const entries = lines.map((line, k) => {
    const dash = Math.floor(k / PALETTE.length) % DASHES.length;
    const swatch = element("span", { class: "swatch" + (dash === 1 || dash === 3 ? " dash" : dash === 2 ? " dots" : "") });
    swatch.style.color = color(PALETTE[k % PALETTE.length]);
    const last = line.ys.findLast(Number.isFinite);
    return element("button", { type: "button", title: "Select or not", onclick: () => toggle(line.run, false) }, swatch,
      element("span", { class: "name" }, called(line.run)),
      element("span", { class: "value" }, last === undefined ? "–" : short(last)));
  });
  const hint = state.selected.size ? [] : [element("div", { class: "value" }, "Select runs in the table to see theirs.")];
  return element("div", { class: "legend" }, ...entries, ...hint);
}

function hoverCurves(canvas, lines, across, up) {
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    let near = null, least = 900;
    for (const line of lines) line.xs.forEach((value, k) => {
      const away = (across.at(value) - x) ** 2 + (up.at(line.ys[k]) - y) ** 2;
      if (away < least) { least = away; near = [line, k]; }
    });
    point(event, near && `${called(near[0].run)}\n${curves.time ? "second" : "step"} ${short(near[0].xs[near[1]])}: ${short(near[0].ys[near[1]])}`);
  });
  canvas.addEventListener("pointerleave", () => point(null, ""));
}
