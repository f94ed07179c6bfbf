// What all drawings share: elements, sharp canvases, axes with round values, colours of the theme.
function element(tag, facts = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(facts)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "class") made.className = value;
    else if (key in made && typeof value !== "string") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...inside);
  return made;
}

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const PALETTE = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

// A canvas as large as its place, with as many dots as the screen has.
function sheet(place) {
  const canvas = element("canvas");
  place.append(canvas);
  const wide = place.clientWidth, high = place.clientHeight, dots = window.devicePixelRatio || 1;
  canvas.width = Math.round(wide * dots);
  canvas.height = Math.round(high * dots);
  const pen = canvas.getContext("2d");
  pen.scale(dots, dots);
  pen.font = "12px system-ui, sans-serif";
  return { canvas, pen, wide, high };
}

class Axis {
  constructor(low, high, from, to, log = false) {
    this.log = log && low > 0;
    if (low === high) { const room = Math.abs(low) / 2 || 1; low = this.log ? low / 2 : low - room; high += room; }
    this.low = low; this.high = high; this.from = from; this.to = to;
  }
  at(value) {
    const part = this.log
      ? Math.log(value / this.low) / Math.log(this.high / this.low)
      : (value / 2 - this.low / 2) / (this.high / 2 - this.low / 2);
    return this.from + part * (this.to - this.from);
  }
  value(at) {
    const part = (at - this.from) / (this.to - this.from);
    return this.log ? this.low * (this.high / this.low) ** part : this.low + part * (this.high - this.low);
  }
  ticks(most = 5) {
    const found = [];
    if (this.log && this.high / this.low >= 10) {
      const first = Math.ceil(Math.log10(this.low) - 1e-9), last = Math.floor(Math.log10(this.high) + 1e-9);
      const stride = Math.max(1, Math.ceil((last - first + 1) / most));
      for (let power = first; power <= last; power += stride) found.push(Number("1e" + power));
      return found;
    }
    const rough = (this.high - this.low) / most;
    if (!(rough > 0) || !Number.isFinite(rough)) return [this.low, this.high];
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough) || rough;
    for (let k = Math.ceil(this.low / step - 1e-9); k * step <= this.high + step * 1e-9 && found.length < 20; k++) {
      found.push(Number((k * step).toPrecision(12)));
    }
    return found;
  }
}

// Lines and values of both axes of a chart.
function frame(pen, across, up, names) {
  pen.strokeStyle = color("line");
  pen.fillStyle = color("faint");
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const value of up.ticks()) {
    const y = Math.round(up.at(value)) + .5;
    pen.beginPath(); pen.moveTo(across.from, y); pen.lineTo(across.to, y); pen.stroke();
    pen.fillText(short(value), across.from - 6, y);
  }
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (const value of across.ticks(Math.max(3, Math.round((across.to - across.from) / 110)))) {
    const x = Math.round(across.at(value)) + .5;
    pen.beginPath(); pen.moveTo(x, up.from); pen.lineTo(x, up.from + 4); pen.stroke();
    pen.fillText(names.write ? names.write(value) : short(value), x, up.from + 6);
  }
  pen.fillStyle = color("ink");
  pen.textAlign = "left";
  pen.fillText(names.up, across.from, 4);
  pen.textAlign = "right";
  pen.fillText(names.across, across.to, up.from + 20);
}

function mix(part) {
  const read = (name) => color(name).split(",").map(Number);
  const stops = mix.stops || (mix.stops = [read("low"), read("middle"), read("high")]);
  const at = Math.max(0, Math.min(1, part)) * 2, from = Math.min(1, Math.floor(at));
  const [a, b] = [stops[from], stops[from + 1]];
  return a.map((value, k) => Math.round(value + (b[k] - value) * (at - from))).join(",");
}

const tip = document.getElementById("tip");
function point(event, text) {
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  const room = tip.getBoundingClientRect();
  tip.style.left = Math.min(event.clientX + 14, innerWidth - room.width - 8) + "px";
  tip.style.top = Math.max(4, Math.min(event.clientY + 14, innerHeight - room.height - 8)) + "px";
}

function message(place, text) {
  place.append(element("div", { class: "message" }, text));
}

// A choice of columns by name.
function chooser(label, options, value, changed) {
  const select = element("select", { onchange: () => changed(select.value) },
    ...options.map((column) => element("option", { value: column.name ?? column }, clean(column.label ?? column))));
  select.value = value;
  return element("label", {}, label, select);
}

function checkbox(label, value, changed) {
  const box = element("input", { type: "checkbox", checked: value, onchange: () => changed(box.checked) });
  return element("label", {}, box, label);
}

function openDialog(title, ...inside) {
  const dialog = document.getElementById("dialog");
  document.getElementById("dialog-body").replaceChildren(element("h2", {}, title), ...inside);
  if (!dialog.open) dialog.showModal();
}
