// How machine, model and answering are doing: asked every two seconds while the page is seen.
import { ask, count, duration, element, exact, line, make, percent, say, show, whileSeen } from "./ask.js";

const EVERY_MS = 2000;
const KEPT = 150;
const ROWS = 20;
const rates = [];
let gauges = null;

export const { wake, rest } = whileSeen(look, EVERY_MS);

async function look() {
  try {
    const [facts, recent] = await Promise.all([ask("/api/statistics"), ask(`/api/predictions?limit=${ROWS}`)]);
    say(element("trouble"), "");
    machine(facts);
    model(facts.model);
    drift(facts.recent);
    answering(facts);
    table(recent.predictions);
  } catch (error) {
    say(element("trouble"), error.message);
  }
}

function gauge(name) {
  const box = make("div", "card-like gauge");
  const value = make("p", "headline small");
  const track = make("span", "track");
  const fill = make("span", "fill");
  track.append(fill);
  const foot = make("p", "muted secondary", "");
  box.append(make("h2", "", name), value, track, foot);
  element("gauges").append(box);
  return (share, words = "") => {
    value.textContent = share === null ? "unknown" : `${Math.round(share)} %`;
    fill.style.width = `${Math.min(100, share ?? 0)}%`;
    foot.textContent = words;
  };
}

function machine(facts) {
  gauges ??= { cpu: gauge("Processor"), memory: gauge("Memory"), disk: gauge("Disk") };
  gauges.cpu(facts.cpu_percent, `Whisker: ${Math.round(facts.process.cpu_percent)} % of a core`);
  gauges.memory(facts.memory_percent, `Whisker: ${Math.round(facts.process.memory_bytes / 1048576)} MB`);
  const { read_bytes_per_second: read, written_bytes_per_second: written } = facts.disk;
  gauges.disk(facts.disk_percent, read === null ? "" : `Reads ${speed(read)}, writes ${speed(written ?? 0)}`);
  if (facts.gpu) {
    gauges.gpu ??= gauge("Graphics");
    const memory = facts.gpu.memory_percent;
    gauges.gpu(facts.gpu.percent, memory === null ? "" : `Memory: ${Math.round(memory)} %`);
  }
}

function speed(bytes) {
  const [unit, size] = bytes >= 1e6 ? ["MB/s", 1e6] : ["kB/s", 1e3];
  return `${(bytes / size).toFixed(bytes >= 100 * size ? 0 : 1)} ${unit}`;
}

function drift(recent) {
  const signs = recent?.drift ?? [];
  element("drift").replaceChildren(...signs.map((sign) => make("li", "", sign.kind === "class_mix"
    ? `Of the latest ${sign.pictures} photos it knew, ${percent(sign.share)} were called ${sign.class}; ${percent(sign.expected)} were when the model was judged.`
    : `Of the latest ${sign.pictures} photos, ${percent(sign.share)} are unlike what the model was taught; about ${percent(sign.expected)} were when it was judged.`)));
  show(element("drift"), signs.length > 0);
}

function figures(list, pairs) {
  list.replaceChildren(...pairs.map(([name, value]) => {
    const pair = make("div");
    pair.append(make("dt", "muted secondary", name), make("dd", "", value));
    return pair;
  }));
}

function model(known) {
  if (!known) {
    element("model-line").textContent = "No model can answer.";
    element("scores").replaceChildren();
    show(element("confusion"), false);
    return;
  }
  element("model-line").textContent = `${known.name}, version ${known.version}`;
  const scores = known.metrics;
  if (!scores) {
    figures(element("scores"), [["Scores", "not measured"]]);
    show(element("confusion"), false);
    return;
  }
  const [low, high] = scores.accuracy_interval;
  figures(element("scores"), [
    ["Accuracy", exact(scores.accuracy)],
    ["95 % interval", `${(low * 100).toFixed(1)} to ${exact(high)}`],
    ["Precision", exact(scores.precision)],
    ["Recall", exact(scores.recall)],
    ["F1", exact(scores.f1)],
    ["Judged on", count(scores.images, "photo")],
  ]);
  confusion(scores.confusion_matrix);
}

function confusion({ classes, matrix }) {
  const part = element("confusion");
  show(part, classes.length <= 12);
  if (classes.length > 12) return;
  const drawn = make("table", "matrix");
  const head = make("tr");
  head.append(make("td"), ...classes.map((name) => headed(name, "col")));
  drawn.append(head);
  matrix.forEach((row, at) => {
    const sum = row.reduce((before, number) => before + number, 0) || 1;
    const cells = make("tr");
    cells.append(headed(classes[at], "row"));
    row.forEach((number, column) => {
      const cell = make("td", column === at ? "right" : "wrong", String(number));
      cell.style.setProperty("--share", `${Math.round((number / sum) * 100)}%`);
      cells.append(cell);
    });
    drawn.append(cells);
  });
  part.replaceChildren(make("p", "muted secondary", "Rows: what it was. Columns: what the model said."), drawn);
}

function headed(name, scope) {
  const cell = make("th", "clip", name);
  cell.scope = scope;
  return cell;
}

function answering(facts) {
  const time = (value) => (value === null ? "none yet" : `${value.toFixed(1)} ms`);
  const { predictions, latency } = facts;
  figures(element("answering"), [
    ["Predictions", predictions.total.toLocaleString()],
    ["Of them unknown", predictions.unknown.toLocaleString()],
    ["Half within", time(latency.p50)],
    ["95 % within", time(latency.p95)],
    ["99 % within", time(latency.p99)],
    ["Requests", `${facts.network.requests_per_second.toFixed(1)} a second`],
    ["Received", speed(facts.network.received_bytes_per_second)],
    ["Sent", speed(facts.network.sent_bytes_per_second)],
    ["Up for", duration(facts.uptime_seconds)],
  ]);
  rates.push(predictions.per_second);
  if (rates.length > KEPT) rates.shift();
  const svg = element("rate");
  svg.replaceChildren();
  line(svg, rates, [0, Math.max(1, ...rates)], "solid", KEPT);
}

function table(rows) {
  const drawn = element("recent");
  show(drawn, rows.length > 0);
  show(element("no-recent"), rows.length === 0);
  drawn.tBodies[0].replaceChildren(...rows.map((row) => {
    const cells = make("tr");
    const when = new Date(row.timestamp);
    const today = when.toDateString() === new Date().toDateString();
    const answer = row.unknown ? `not sure (nearest: ${row.predicted_class})` : row.predicted_class;
    cells.append(
      make("td", "nowrap", today ? when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) : when.toLocaleDateString()),
      make("td", "clip name", row.name),
      make("td", "", row.correction ? `${answer}, corrected to ${row.correction}` : answer),
      // Of what is unlike anything it was shown, the share of the nearest class says nothing.
      make("td", "number nowrap", row.unknown ? "–" : percent(row.confidence)),
      make("td", "roomy", { api: "API", cli: "terminal", window: "window" }[row.source] ?? row.source),
      make("td", "number nowrap roomy", `${Math.round(row.elapsed_ms)} ms`),
    );
    return cells;
  }));
}
