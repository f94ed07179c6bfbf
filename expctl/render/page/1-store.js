// The runs of this page, decoded, and what is asked of them: filter, brushes, order, selection.
// Everything that is shown comes from files that strangers may have written: it becomes text, never markup.
const data = JSON.parse(document.getElementById("data").textContent);
const total = data.ids.length;
const NAMES = { nan: NaN, inf: Infinity, "-inf": -Infinity };
const UNFIT = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

// One line of text in which nothing moves, hides or turns round.
function clean(text) {
  return String(text).replace(UNFIT, (sign) =>
    sign === "\n" ? "↵" : "\\u" + sign.charCodeAt(0).toString(16).padStart(4, "0"));
}

function short(number) {
  if (Number.isNaN(number)) return "nan";
  if (!Number.isFinite(number)) return number > 0 ? "inf" : "-inf";
  if (Number.isInteger(number) && Math.abs(number) < 1e6) return String(number);
  const size = Math.abs(number);
  if (size >= 1e6 || (size < 1e-4 && size > 0)) return number.toExponential(3).replace(/\.?0+e/, "e");
  return String(Number(number.toPrecision(4)));
}

// Bytes in powers of 1000.
function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  let k = 0;
  while (Math.abs(bytes) >= 999.5 && k < units.length - 1) { bytes /= 1000; k++; }
  return `${Number(bytes.toPrecision(3))} ${units[k]}`;
}

// A time in the zone of whoever looks; the text as it is when it is no time.
function moment(text) {
  const at = new Date(text), two = (number) => String(number).padStart(2, "0");
  if (Number.isNaN(at.getTime())) return clean(text);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

class Column {
  constructor(raw) {
    this.name = raw.name;
    this.group = raw.group;
    this.direction = raw.direction;
    this.label = raw.label;
    this.isNumber = raw.type === "number";
    this.isSame = raw.type === "same";
    if (this.isNumber) {
      this.known = raw.values.map((value) => value !== null);
      this.numbers = Float64Array.from(raw.values, (value) =>
        value === null ? NaN : typeof value === "string" ? NAMES[value] : value);
    } else if (this.isSame) {
      this.value = raw.value;
    } else {
      this.words = raw.words;
      this.at = raw.at;
    }
  }
  // The value of a run: a number, a text, or undefined where it has none.
  get(run) {
    if (this.isNumber) return this.known[run] ? this.numbers[run] : undefined;
    if (this.isSame) return this.value;
    return this.at[run] < 0 ? undefined : this.words[this.at[run]];
  }
  finite(run) {
    return this.isNumber && this.known[run] && Number.isFinite(this.numbers[run]);
  }
  text(run) {
    const value = this.get(run);
    if (value === undefined || value === null) return "–";
    if (this.name === "started_at" || this.name === "ended_at") return moment(value);
    if (typeof value !== "number") return clean(value);
    if (/(^|[._])bytes$/.test(this.name)) return size(value);
    if (this.group === "metrics" && this.decimals !== null && Number.isFinite(value)) return value.toFixed(this.decimals);
    if (this.group !== "params" && this.group !== "seeds") return short(value);
    const whole = String(value), brief = value.toExponential();
    return brief.length < whole.length ? brief : whole;
  }
  // Decimals that bring the points of a column under each other; null where its numbers differ too much for it.
  get decimals() {
    if (this.digits === undefined) {
      let low = Infinity, high = 0, whole = true;
      for (let run = 0; run < total; run++) if (this.finite(run) && this.numbers[run] !== 0) {
        const size = Math.abs(this.numbers[run]);
        low = Math.min(low, size); high = Math.max(high, size);
        whole = whole && Number.isInteger(size);
      }
      const fits = high > 0 && !whole && high <= 1000 * low && high < 1e6;
      this.digits = fits ? Math.max(0, 3 - Math.floor(Math.log10(high))) : null;
    }
    return this.digits;
  }
  // Whether most values crowd at the low end of a straight axis, as learning rates do.
  get isCrowded() {
    if (!this.range || this.range[0] <= 0 || this.range[1] / this.range[0] < 100) return false;
    const some = [];
    const stride = Math.max(1, Math.floor(total / 500));
    for (let run = 0; run < total; run += stride) if (this.finite(run)) some.push(this.numbers[run]);
    some.sort((a, b) => a - b);
    return some.length > 0 && some[some.length >> 1] < this.range[0] + .12 * (this.range[1] - this.range[0]);
  }
  // From lowest to highest finite value; null where there is none.
  get range() {
    if (this.kept === undefined) {
      let low = Infinity, high = -Infinity;
      if (this.isNumber) for (let run = 0; run < total; run++) {
        if (this.finite(run)) { low = Math.min(low, this.numbers[run]); high = Math.max(high, this.numbers[run]); }
      }
      this.kept = low <= high ? [low, high] : null;
    }
    return this.kept;
  }
}

const columns = data.columns.map((raw) => new Column(raw));
const byName = new Map(columns.map((column) => [column.name, column]));
const varying = columns.filter((column) => !column.isSame && column.name !== "id");
// What the table may show: of one run alone everything.
const telling = total > 1 ? varying : columns.filter((column) => column.name !== "id");
const nameColumn = byName.get("name");
const nameOf = (run) => (nameColumn && nameColumn.get(run) !== undefined ? clean(nameColumn.get(run)) : "");
const suffixOf = (run) => data.ids[run].slice(-6);
const called = (run) => [suffixOf(run), nameOf(run)].filter(Boolean).join(" ");

const state = {
  filter: "", brushes: new Map(), order: [], selected: new Set(), onlySelected: false,
  shown: Array.from({ length: total }, (_, run) => run), active: 0,
  columns: [], tab: "parallel",
};
const watchers = [];
const watch = (watcher) => watchers.push(watcher);
let waiting = false;

// Ask again and draw again, once a frame however often this is called.
function refresh(asksAgain = true) {
  state.stale = state.stale || asksAgain;
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    if (state.stale) ask();
    state.stale = false;
    for (const watcher of watchers) watcher();
  });
}

function ask() {
  const passes = compile(state.filter);
  const brushes = [...state.brushes].map(([name, range]) => [byName.get(name), range]);
  const found = [];
  for (let run = 0; run < total; run++) {
    if (state.onlySelected && !state.selected.has(run)) continue;
    if (passes(run) && brushes.every(([column, range]) => within(column, range, run))) found.push(run);
  }
  state.shown = arrange(found, state.order);
  state.active = Math.min(state.active, Math.max(0, found.length - 1));
}

function within(column, range, run) {
  if (range.words) return range.words.has(column.get(run));
  return column.finite(run) && column.numbers[run] >= range.low && column.numbers[run] <= range.high;
}

// Runs in order: finite numbers, texts, infinities and NaN, what is missing; the last two last either way.
function arrange(runs, order) {
  if (!order.length) return runs;
  const rank = (value) => value === undefined || value === null ? 4 : typeof value === "number"
    ? (Number.isFinite(value) ? 0 : Number.isNaN(value) ? 3 : 2) : 1;
  return runs.slice().sort((one, other) => {
    for (const { column, falls } of order) {
      const a = column.get(one), b = column.get(other), ra = rank(a), rb = rank(b);
      if (ra !== rb) return ra - rb;
      const way = ra >= 2 ? 0 : a < b ? -1 : a > b ? 1 : 0;
      if (way) return falls ? -way : way;
    }
    return one - other;
  });
}
