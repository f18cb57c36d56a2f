// Talking to the API, and saying what went wrong.

export class Refused extends Error {
  constructor(code, message, status) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The JSON of an answer; throws Refused with the server's own sentence. */
export async function ask(path, options = {}) {
  const answer = await send(path, options);
  return answer.json();
}

/** The answer itself, for what is no JSON. A busy server is asked again, a few times. */
export async function send(path, options = {}, tries = 4) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refused("unreachable", "Whisker does not answer. It may have been stopped.", 0);
  }
  if (answer.ok) return answer;
  const error = await answer.json().then((body) => body.error, () => null);
  if (answer.status === 503 && error?.code === "busy" && tries > 1) {
    const seconds = Number(answer.headers.get("Retry-After")) || 1;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return send(path, options, tries - 1);
  }
  throw new Refused(error?.code ?? "error", error?.message ?? `The answer was ${answer.status}.`, answer.status);
}

export const element = (id) => document.getElementById(id);

/** A new element: make("li", "tile", "text"). */
export function make(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

export function show(node, visible) {
  node.hidden = !visible;
}

export function say(node, text) {
  node.textContent = text;
  node.hidden = !text;
}

/** 0.974 -> "97 %"; only what is certain is called 0 % or 100 %. */
export function percent(share) {
  if (share > 0 && share < 0.01) return "< 1 %";
  if (share > 0.99 && share < 1) return "> 99 %";
  return `${Math.round(share * 100)} %`;
}

/** 0.974 -> "97.4 %", for what was measured. */
export const exact = (share) => `${(share * 100).toFixed(1)} %`;

export function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

export const count = (number, one, many = `${one}s`) => `${number.toLocaleString()} ${number === 1 ? one : many}`;

/** Let files be dropped on a place; everywhere else a drop would make the browser leave the page. */
export function takesDrops(place, take) {
  let inside = 0;
  const mark = (step) => {
    inside = Math.max(0, inside + step);
    place.classList.toggle("over", inside > 0);
  };
  place.addEventListener("dragenter", (event) => { event.preventDefault(); mark(1); });
  place.addEventListener("dragleave", () => mark(-1));
  place.addEventListener("dragover", (event) => event.preventDefault());
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    inside = 0;
    mark(0);
    if (event.dataTransfer.files.length) take([...event.dataTransfer.files]);
  });
}

/** Text with what stands in `backticks` as code, into a node. */
export function withCode(node, text) {
  text.split("`").forEach((part, at) => node.append(at % 2 ? make("code", "", part) : part));
  return node;
}

/** A line across an svg: `length` values fill its width, those from `bottom` to `top` its height. */
export function line(svg, values, [bottom, top], name, length = values.length) {
  const { width, height } = svg.viewBox.baseVal;
  const step = width / Math.max(1, length - 1);
  const heightOf = (value) => height - 2 - ((value - bottom) / (top - bottom)) * (height - 4);
  const points = values.map((value, at) => `${(at * step).toFixed(1)},${heightOf(value).toFixed(1)}`);
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  drawn.setAttribute("points", points.join(" "));
  drawn.setAttribute("class", name);
  drawn.setAttribute("vector-effect", "non-scaling-stroke");
  svg.append(drawn);
}

/** Looks at once when its page is shown, and every `ms` milliseconds until it is left. */
export function whileSeen(look, ms) {
  let timer = null;
  return {
    wake() {
      if (timer !== null) return;
      look();
      timer = setInterval(look, ms);
    },
    rest() {
      clearInterval(timer);
      timer = null;
    },
  };
}
