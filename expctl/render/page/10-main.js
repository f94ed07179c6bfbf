// Puts the parts together: tabs, keys, theme, and what is said about the whole.
const TABS = { parallel: drawParallel, front: drawScatter, curves: drawCurves, difference: drawDifference };
const KEYS = [
  ["/", "go to the filter"], ["↑ ↓ PgUp PgDn Home End", "move in the table"], ["Space", "select a run"],
  ["Shift + ↑ ↓", "select while moving"], ["Enter", "everything of a run"], ["1 2 3 4", "the charts"],
  ["h", "hide or show the chart"], ["c", "columns"], ["t", "light or dark"], ["Esc", "clear the filter, close"], ["?", "these keys"],
];
const panel = document.getElementById("panel");
const controls = document.getElementById("controls");
const filter = document.getElementById("filter");

function drawPanel() {
  for (const name of Object.keys(TABS)) {
    const tab = document.getElementById("tab-" + name), on = name === state.tab;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
  panel.setAttribute("aria-labelledby", "tab-" + state.tab);
  // A slider or a list that is being used stays where it is until it is let go.
  const used = document.activeElement, keeps = controls.contains(used) && used.type === "range";
  const focus = [panel, controls].map((place) => [place, fields(place).indexOf(used)]).find(([, at]) => at >= 0);
  panel.classList.remove("tall");
  panel.replaceChildren();
  point(null, "");
  if (panel.hidden) return;
  const place = keeps ? document.createElement("span") : controls;
  if (!keeps) controls.replaceChildren();
  TABS[state.tab](panel, place);
  // Whoever works by keyboard stays where they were, though it was drawn anew.
  if (focus && !keeps) fields(focus[0])[focus[1]]?.focus();
}

const fields = (place) => [...place.querySelectorAll("button, select, input")];

function drawWords() {
  const many = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
  document.getElementById("count").textContent = state.shown.length === total
    ? many(total, "run") : `${state.shown.length.toLocaleString("en")} of ${many(total, "run")}`;
  document.getElementById("selected").textContent = `${state.selected.size.toLocaleString("en")} selected`;
  const puzzled = state.puzzles && state.puzzles.length;
  filter.setAttribute("aria-invalid", String(Boolean(puzzled)));
  if (puzzled) document.getElementById("count").textContent += ` · no column ${state.puzzles.map(clean).join(", ")}`;
  document.getElementById("chips").replaceChildren(...[...state.brushes].map(([name, range]) => {
    const column = byName.get(name);
    const said = range.words ? [...range.words].map(clean).join(", ")
      : `${Number.isFinite(range.low) ? short(range.low) + " ≤ " : ""}${clean(column.label)}${Number.isFinite(range.high) ? " ≤ " + short(range.high) : ""}`;
    return element("button", { class: "chip", type: "button", "aria-label": "Remove the range of " + clean(column.label),
      onclick: () => setBrush(column, null) }, (range.words ? clean(column.label) + ": " : "") + said + " ×");
  }));
}

function show(tab) {
  state.tab = tab;
  panel.hidden = false;
  fold();
  refresh(false);
}

function fold(hide = panel.hidden) {
  panel.hidden = hide;
  const button = document.getElementById("fold");
  button.setAttribute("aria-expanded", String(!hide));
  button.textContent = hide ? "Show" : "Hide";
  controls.hidden = hide;
}

function turnTheme() {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  mix.stops = null;
  refresh(false);
}

function showKeys() {
  openDialog("Keys", element("table", {}, element("tbody", {}, ...KEYS.map(([key, what]) =>
    element("tr", {}, element("td", {}, element("kbd", {}, key)), element("td", {}, what))))));
}

function pressed(event) {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
  if (event.key === "Escape" && event.target === filter) { filter.value = ""; typed(); table.focus(); return; }
  if (event.key === "Enter" && event.target === filter) { table.focus(); return; }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.getElementById("dialog").open) return;
  const does = {
    "/": () => filter.focus(), "?": showKeys, t: turnTheme, c: pickColumns, h: () => { fold(!panel.hidden); refresh(false); },
    1: () => show("parallel"), 2: () => show("front"), 3: () => show("curves"), 4: () => show("difference"),
  }[event.key];
  if (does) { event.preventDefault(); does(); }
}

function typed() {
  state.filter = filter.value;
  state.active = 0;
  table.scrollTop = 0;
  refresh();
}

function start() {
  document.getElementById("about").textContent = data.about;
  startTable();
  watch(drawPanel);
  watch(drawWords);
  if (TABS[data.tab]) state.tab = data.tab;
  for (const run of data.selected) state.selected.add(run);
  Object.assign(curves, data.view);
  const names = Object.keys(TABS);
  names.forEach((name, k) => {
    const tab = document.getElementById("tab-" + name);
    tab.addEventListener("click", () => show(name));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = names[(k + step + names.length) % names.length];
      show(next);
      document.getElementById("tab-" + next).focus();
    });
  });
  const on = (id, event, does) => document.getElementById(id).addEventListener(event, does);
  on("filter", "input", typed);
  on("theme", "click", turnTheme);
  on("keys", "click", showKeys);
  on("fold", "click", () => { fold(!panel.hidden); refresh(false); });
  on("columns", "click", pickColumns);
  on("save", "click", saveTable);
  on("select-shown", "click", () => { for (const run of state.shown) state.selected.add(run); refresh(false); });
  on("select-none", "click", () => { state.selected.clear(); refresh(state.onlySelected); });
  on("only-selected", "change", (event) => { state.onlySelected = event.target.checked; refresh(); });
  addEventListener("keydown", pressed);
  addEventListener("resize", () => refresh(false));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { mix.stops = null; refresh(false); });
  refresh();
}

start();
