// The table: only the rows in sight exist, however many runs there are.
const ROW = 28;
const table = document.getElementById("table");
const space = element("div", { class: "space" });
const head = element("div", { class: "head", role: "row" });
const best = new Map();

function startColumns() {
  const worth = (column) => column.group === "metrics" || column.group === "params" || column.group === "tags"
    || column.name === "status" || column.name === "started_at" || column.name === "duration_s";
  const repeated = new Set(data.repeated);
  const found = telling.filter((column) => worth(column) && column.name !== "name" && !repeated.has(column.name));
  const seldom = (column) => {
    let many = 0;
    for (let run = 0; run < total; run++) many += column.get(run) !== undefined ? 1 : 0;
    return many * 2 < total;
  };
  const order = ["metrics", "params", "tags", ""];
  found.sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group));
  // What most runs lack comes after what they have, and only while there is room.
  const some = (group, most) => {
    const all = found.filter((column) => column.group === group);
    return [...all.filter((column) => !seldom(column)), ...all.filter(seldom)].slice(0, most);
  };
  state.columns = [...some("metrics", 8), ...some("params", 8), ...some("tags", 4), ...some("", 3)];
  if (!state.columns.length) state.columns = found.slice(0, 12);
  for (const name of data.first || []) {
    const column = byName.get(name);
    if (column && !state.columns.includes(column)) state.columns.unshift(column);
  }
}

function widthOf(column) {
  let most = column.label.length + 3;
  const stride = Math.max(1, Math.floor(total / 150));
  for (let run = 0; run < total; run += stride) {
    most = Math.max(most, [...column.text(run)].reduce((sum, sign) => sum + (sign > "\u1100" ? 2 : 1), 0));
  }
  return Math.round(Math.max(64, Math.min(280, 20 + (most + (column.direction ? 2 : 0)) * 8.4)));
}

function drawHead() {
  const widths = [nameColumn ? 270 : 110, ...state.columns.map(widthOf)];
  // What is left of the window stays blank behind the last column.
  table.style.setProperty("--widths", widths.map((width) => width + "px").join(" ") + " 1fr");
  const cells = [element("div", { class: "who", role: "columnheader" },
    nameColumn ? sorter(nameColumn, "run") : element("button", { type: "button" }, "run"))];
  for (const column of state.columns) {
    cells.push(element("div", { role: "columnheader", class: column.isNumber ? "number" : "" }, sorter(column)));
  }
  head.replaceChildren(...cells);
  markOrder();
}

function sorter(column, label = column.label) {
  const arrow = column.direction === "max" ? " ↑" : column.direction === "min" ? " ↓" : "";
  const better = column.direction ? `, ${column.direction === "max" ? "high" : "low"} is better` : "";
  const button = element("button", {
    type: "button", title: `${clean(column.name)}${better}: sort (Shift: after the others)`,
    onclick: (event) => sortBy(column, event.shiftKey),
  }, clean(label) + arrow);
  button.column = column;
  return button;
}

// The first click sorts the better end up, the second the other, the third not at all.
function sortBy(column, further) {
  const first = column.isNumber && column.direction !== "min";
  const at = state.order.findIndex((key) => key.column === column);
  const key = at < 0 ? { column, falls: first } : state.order[at];
  const kept = further ? state.order.filter((other) => other.column !== column) : [];
  if (at < 0) state.order = [...kept, key];
  else if (key.falls === first) state.order = [...kept, { column, falls: !first }];
  else state.order = kept;
  state.active = 0;
  table.scrollTop = 0;
  refresh();
}

function markOrder() {
  for (const button of head.querySelectorAll("button")) {
    const at = state.order.findIndex((key) => key.column === button.column);
    const sign = at < 0 ? "" : (state.order[at].falls ? " ▼" : " ▲") + (state.order.length > 1 ? at + 1 : "");
    if (button.firstChild && button.plain === undefined) button.plain = button.textContent;
    button.textContent = (button.plain || "") + sign;
    button.parentElement.setAttribute("aria-sort",
      at < 0 ? "none" : state.order[at].falls ? "descending" : "ascending");
  }
}

// The best finite value of each metric among the runs that are shown.
function findBest() {
  best.clear();
  for (const column of state.columns) if (column.direction && column.isNumber) {
    let found = NaN, differs = false;
    for (const run of state.shown) if (column.finite(run)) {
      const value = column.numbers[run];
      if (!Number.isNaN(found) && value !== found) differs = true;
      if (Number.isNaN(found) || (column.direction === "max" ? value > found : value < found)) found = value;
    }
    if (differs) best.set(column, found);
  }
}

function drawRows() {
  const first = Math.max(0, Math.floor(table.scrollTop / ROW) - 4);
  const last = Math.min(state.shown.length, first + Math.ceil(table.clientHeight / ROW) + 9);
  const rows = [];
  for (let place = first; place < last; place++) rows.push(row(place));
  space.replaceChildren(head, ...rows);
}

function row(place) {
  const run = state.shown[place], chosen = state.selected.has(run);
  const cells = [element("div", { class: "who", role: "gridcell" },
    element("input", { type: "checkbox", tabindex: "-1", checked: chosen, "aria-label": "Select " + called(run) }),
    element("span", { class: "id", title: data.ids[run] }, suffixOf(run)),
    element("span", { class: "name" }, nameOf(run)))];
  for (const column of state.columns) {
    const value = column.get(run), kind = [];
    if (column.isNumber) kind.push("number");
    if (value === undefined) kind.push("nothing");
    else if (best.has(column) && value === best.get(column)) kind.push("best");
    else if (typeof value === "number" && !Number.isFinite(value)) kind.push("odd");
    cells.push(element("div", { role: "gridcell", class: kind.join(" ") },
      column.text(run) + (kind.includes("best") ? " ★" : "")));
  }
  const made = element("div", {
    class: "row" + (place === state.active ? " active" : ""), role: "row", id: "row-" + place,
    "aria-rowindex": String(place + 2), "aria-selected": String(chosen),
    onclick: (event) => { state.active = place; toggle(run, event.shiftKey); },
    ondblclick: () => showRun(run),
  }, ...cells);
  made.style.top = head.offsetHeight + place * ROW + "px";
  return made;
}

let anchor = null;
function toggle(run, extends_) {
  if (extends_ && anchor !== null && state.shown.includes(anchor)) {
    const [from, to] = [state.shown.indexOf(anchor), state.shown.indexOf(run)].sort((a, b) => a - b);
    for (const other of state.shown.slice(from, to + 1)) state.selected.add(other);
  } else if (state.selected.has(run)) {
    state.selected.delete(run);
  } else {
    state.selected.add(run);
  }
  anchor = run;
  refresh(state.onlySelected);
}

const MOVES = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity };
table.addEventListener("keydown", (event) => {
  if (event.target !== table || event.ctrlKey || event.metaKey || event.altKey) return;
  const move = MOVES[event.key];
  if (move !== undefined) {
    state.active = Math.max(0, Math.min(state.shown.length - 1, state.active + move));
    reveal();
    if (event.shiftKey && state.shown.length) state.selected.add(state.shown[state.active]);
    refresh(event.shiftKey && state.onlySelected);
  } else if (event.key === " " || event.key === "x") {
    if (state.shown.length) toggle(state.shown[state.active], false);
  } else if (event.key === "Enter") {
    if (state.shown.length) showRun(state.shown[state.active]);
  } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    table.scrollLeft += event.key === "ArrowRight" ? 120 : -120;
  } else return;
  event.preventDefault();
});

function reveal() {
  const top = state.active * ROW, room = table.clientHeight - head.offsetHeight;
  if (top < table.scrollTop) table.scrollTop = top;
  else if (top + ROW > table.scrollTop + room) table.scrollTop = top + ROW - room;
}

// Everything that is known of one run.
function showRun(run) {
  const rows = columns.filter((column) => column.get(run) !== undefined).map((column) =>
    element("tr", {}, element("th", { scope: "row" }, clean(column.name.replaceAll("`", ""))),
      element("td", {}, clean(column.get(run)))));
  openDialog(called(run), element("table", {}, element("tbody", {}, ...rows)));
}

function pickColumns() {
  const groups = new Map();
  for (const column of columns) {
    if (!groups.has(column.group)) groups.set(column.group, []);
    groups.get(column.group).push(column);
  }
  const picks = [];
  for (const [group, some] of groups) {
    picks.push(element("h3", {}, group || "run"), ...some.map((column) =>
      checkbox(clean(column.label) + (column.isSame ? " (the same in all)" : ""), state.columns.includes(column), (on) => {
        state.columns = on ? [...state.columns, column] : state.columns.filter((other) => other !== column);
        drawHead();
        refresh(false);
      })));
  }
  openDialog("Columns", element("div", { class: "picks" }, ...picks));
}

// The shown runs and columns as a CSV file in which no cell is a formula.
function saveTable() {
  const cell = (value) => {
    let text = value === undefined || value === null ? "" : String(value);
    if (typeof value === "string" && /^[=+\-@\t\r\n]/.test(text)) text = "'" + text;
    return /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };
  const shown = nameColumn ? [nameColumn, ...state.columns] : state.columns;
  const lines = [["id", ...shown.map((column) => column.name)].map(cell).join(",")];
  for (const run of state.shown) lines.push([data.ids[run], ...shown.map((column) => column.get(run))].map(cell).join(","));
  const address = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
  element("a", { href: address, download: "runs.csv" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function drawTable() {
  findBest();
  markOrder();
  space.style.height = head.offsetHeight + state.shown.length * ROW + "px";
  table.setAttribute("aria-rowcount", String(state.shown.length + 1));
  table.setAttribute("aria-activedescendant", "row-" + state.active);
  drawRows();
}

function startTable() {
  startColumns();
  table.append(space);
  space.append(head);
  drawHead();
  let asked = false;
  table.addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; drawRows(); });
  });
  watch(drawTable);
}
