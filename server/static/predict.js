// One picture or many: dropped, chosen or pasted; answered one after another, two at a time.
import { ask, count, element, make, percent, say, send, show, takesDrops } from "./ask.js";

const BARS = 5;
const TOGETHER = 2;
const items = [];
const waiting = [];
let busy = 0;
let selected = null;
let sureAbove = 0.8;

export function know(model) {
  sureAbove = model.sure_above;
}

function verdict(answer) {
  if (answer.unknown) return ["unknown", "Unknown"];
  return answer.confidence >= sureAbove ? ["sure", "Sure"] : ["unsure", "Not sure"];
}

function take(files) {
  for (const file of files) {
    const item = { file, name: file.name || "pasted photo", url: URL.createObjectURL(file), veil: null };
    item.tile = tileOf(item);
    items.unshift(item);
    element("tiles").prepend(item.tile);
    waiting.push(item);
  }
  element("predict-drop").classList.add("small");
  show(element("samples-part"), false);
  show(element("tiles-part"), items.length > 1);
  element("tiles-count").textContent = count(items.length, "photo");
  select(items[items.length > files.length ? files.length - 1 : items.length - 1]);
  work();
}

function tileOf(item) {
  const tile = make("li");
  const button = make("button", "tile");
  button.type = "button";
  const picture = make("img");
  picture.src = item.url;
  picture.alt = "";
  picture.addEventListener("error", () => picture.classList.add("missing"));
  button.append(picture, make("span", "tile-label clip", "…"), make("span", "tile-bar"));
  button.setAttribute("aria-label", `${item.name}: waiting`);
  button.addEventListener("click", () => select(item));
  tile.append(button);
  return tile;
}

async function work() {
  while (busy < TOGETHER && waiting.length) {
    busy += 1;
    answer(waiting.shift()).finally(() => {
      busy -= 1;
      work();
    });
  }
}

async function answer(item) {
  const form = new FormData();
  form.append("file", item.file, item.name);
  try {
    item.answer = await ask(`/api/predict?top=${BARS}`, { method: "POST", body: form });
  } catch (error) {
    item.error = error.message;
  }
  const button = item.tile.firstElementChild;
  const [kind, word] = item.error ? ["wrong", "Failed"] : verdict(item.answer);
  const label = item.error ? "Failed" : item.answer.unknown ? "Not sure" : item.answer.predicted_class;
  button.className = `tile ${kind}`;
  button.querySelector(".tile-label").textContent = label;
  button.querySelector(".tile-bar").style.width = item.error ? "100%" : `${item.answer.confidence * 100}%`;
  button.setAttribute("aria-label", `${item.name}: ${label}, ${item.error ?? word}`);
  if (item === selected) render(item);
}

function select(item) {
  selected = item;
  for (const other of items) other.tile.firstElementChild.setAttribute("aria-pressed", other === item);
  show(element("answer"), true);
  const photo = element("photo");
  photo.hidden = false;
  show(element("no-preview"), false);
  photo.src = item.url;
  photo.alt = item.name;
  render(item);
}

function render(item) {
  element("answer-name").textContent = item.name;
  const pill = element("answer-pill");
  const bars = element("answer-bars");
  bars.replaceChildren();
  show(element("veil"), false);
  const done = item.answer ?? null;
  element("heat").disabled = !done;
  if (!done) {
    element("answer-class").textContent = item.error ? "No answer" : "Looking…";
    pill.className = item.error ? "pill wrong" : "pill";
    pill.textContent = item.error ? "Failed" : "";
    element("answer-sentence").textContent = item.error ?? "";
    element("answer-foot").textContent = "";
    return;
  }
  const [kind, word] = verdict(done);
  element("answer-class").textContent = done.unknown ? "Not sure" : done.predicted_class;
  pill.className = `pill ${kind}`;
  pill.textContent = word;
  element("answer-sentence").textContent = done.unknown
    ? `Unlike anything this model was shown (nearest: ${done.predicted_class}).`
    : `${percent(done.confidence)} ${done.predicted_class}`;
  for (const [name, share] of Object.entries(done.probabilities)) {
    const row = make("li");
    const track = make("span", "track");
    const fill = make("span", done.unknown ? "fill unknown" : "fill");
    fill.style.width = `${share * 100}%`;
    track.append(fill);
    row.append(make("span", "bar-name clip", name), track, make("span", "number", percent(share)));
    bars.append(row);
  }
  element("answer-foot").textContent = `${Math.round(done.elapsed_ms)} ms, ${done.model} version ${done.model_version}`;
  if (element("heat").checked) explain(item);
}

async function explain(item) {
  try {
    if (!item.veil) {
      const form = new FormData();
      form.append("file", item.file, item.name);
      const drawn = await send("/api/explain?veil=1", { method: "POST", body: form });
      item.veil = URL.createObjectURL(await drawn.blob());
    }
    if (item !== selected || !element("heat").checked) return;
    element("veil").src = item.veil;
    show(element("veil"), true);
  } catch (error) {
    say(element("trouble"), error.message);
  }
}

/** Pictures to try, where the program came with some. */
async function offerSamples() {
  const { samples } = await ask("/samples");
  element("samples").replaceChildren(...samples.map((name, number) => {
    const button = make("button", "tile");
    button.type = "button";
    const picture = make("img");
    picture.src = `/samples/${number}`;
    picture.alt = name;
    button.append(picture);
    button.addEventListener("click", async () => {
      const content = await (await send(`/samples/${number}`)).blob();
      take([new File([content], name, { type: content.type })]);
    });
    const tile = make("li");
    tile.append(button);
    return tile;
  }));
  show(element("samples-part"), samples.length > 0 && items.length === 0);
}

offerSamples().catch((error) => say(element("trouble"), error.message));
element("photo").addEventListener("error", () => {
  element("photo").hidden = true;
  show(element("no-preview"), true);
});
element("heat").addEventListener("change", () => {
  if (element("heat").checked && selected?.answer) explain(selected);
  else show(element("veil"), false);
});
element("predict-files").addEventListener("change", (event) => {
  if (event.target.files.length) take([...event.target.files]);
  event.target.value = "";
});
takesDrops(element("page-predict"), take);
document.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  if (files.length && !element("page-predict").hidden) {
    event.preventDefault();
    take(files);
  }
});
