// The selected runs side by side: what differs between them, numbers with their distance from the first.
const difference = { all: false };
const MOST_SIDES = 8;

function drawDifference(panel, controls) {
  panel.classList.add("tall");
  const runs = [...state.selected].slice(0, MOST_SIDES);
  if (runs.length < 2) return message(panel, "Select two runs or more in the table below: Space, or a click.");
  controls.append(checkbox("what is the same too", difference.all, (on) => { difference.all = on; refresh(false); }));
  const more = state.selected.size - runs.length;
  if (more > 0) controls.append(element("span", {}, `the first ${MOST_SIDES} of ${state.selected.size}`));
  const same = (column) => runs.every((run) => Object.is(column.get(run), column.get(runs[0])));
  const rows = columns.filter((column) => column.name !== "id" && column.name !== "name"
    && runs.some((run) => column.get(run) !== undefined) && (difference.all || !same(column)));
  const heads = runs.map((run) => element("th", { scope: "col", title: data.ids[run] }, called(run)));
  panel.append(element("table", {},
    element("thead", {}, element("tr", {}, element("th", {}, ""), ...heads)),
    element("tbody", {}, ...rows.map((column) => element("tr", {},
      element("th", { scope: "row" }, clean(column.name.replaceAll("`", ""))),
      ...runs.map((run, k) => side(column, run, k ? runs[0] : null)))))));
  if (!rows.length) message(panel, "These runs differ in nothing that this page knows.");
}

function side(column, run, first) {
  const cell = element("td", { class: column.isNumber ? "number" : "" }, column.text(run));
  if (first === null || !column.finite(run) || !column.finite(first)) return cell;
  const step = column.numbers[run] - column.numbers[first];
  if (!step) return cell;
  const better = column.direction && (step > 0) === (column.direction === "max");
  const kind = column.direction ? (better ? "better" : "worse") : "";
  const word = column.direction ? (better ? " better" : " worse") : "";
  cell.append(" ", element("span", { class: "delta " + kind }, `${step > 0 ? "+" : "−"}${short(Math.abs(step))}${word}`));
  return cell;
}
