// The filter box: words that a run's texts hold, and conditions such as  f1_score > 0.8  kind != "a b".
const CONDITION = /(?:`([^`]+)`|([^\s<>=!~"`]+))\s*(<=|>=|!=|==|=|<|>|~)\s*(?:"([^"]*)"|'([^']*)'|(\S+))|"([^"]*)"|(\S+)/g;
const texts = new Array(total);

// All texts of a run in small letters, put together when first asked for.
function haystack(run) {
  if (texts[run] === undefined) {
    const parts = [data.ids[run]];
    for (const column of columns) if (!column.isNumber && !column.isSame) {
      const value = column.get(run);
      if (value !== undefined) parts.push(String(value));
    }
    texts[run] = parts.join("\n").toLowerCase();
  }
  return texts[run];
}

// The column that a word means: its whole name, its label, or the only one that ends in it.
function columnOf(word) {
  const plain = word.replaceAll("`", "").toLowerCase();
  const names = (column) => column.name.replaceAll("`", "").toLowerCase();
  return columns.find((column) => names(column) === plain)
    || columns.find((column) => column.label.toLowerCase() === plain)
    || columns.find((column) => names(column).endsWith("." + plain)) || null;
}

// A test of runs from what was typed; words that mean nothing yet let every run pass and are told.
function compile(typed) {
  const tests = [];
  state.puzzles = [];
  for (const match of typed.matchAll(CONDITION)) {
    const key = match[1] ?? match[2];
    if (key === undefined) {
      const word = (match[7] ?? match[8]).toLowerCase();
      if (word && word !== "and") tests.push((run) => haystack(run).includes(word));
      continue;
    }
    const column = columnOf(key);
    if (!column) { state.puzzles.push(key); continue; }
    tests.push(condition(column, match[3], match[4] ?? match[5] ?? match[6]));
  }
  return (run) => tests.every((test) => test(run));
}

function condition(column, op, wanted) {
  const number = wanted.trim() === "" ? NaN : Number(wanted), small = wanted.toLowerCase();
  return (run) => {
    const value = column.get(run);
    if (value === undefined || value === null) return false;
    if (op === "~") return String(value).toLowerCase().includes(small);
    const asNumber = typeof value === "number" ? value : String(value).trim() === "" ? NaN : Number(value);
    const both = !Number.isNaN(number) && !Number.isNaN(asNumber);
    const a = both ? asNumber : String(value).toLowerCase(), b = both ? number : small;
    switch (op) {
      case "<": return both && a < b;
      case "<=": return both && a <= b;
      case ">": return both && a > b;
      case ">=": return both && a >= b;
      case "!=": return a !== b;
      default: return a === b;
    }
  };
}
