// Which of the three pages is shown; each is woken when it is seen and rests when it is not.
import { ask, element, say } from "./ask.js";
import * as monitor from "./monitor.js";
import * as predict from "./predict.js";
import * as retrain from "./retrain.js";

const pages = { predict, retrain, monitor };
let shown = null;

function open() {
  const wanted = location.hash.slice(1);
  const name = wanted in pages ? wanted : "predict";
  for (const page of Object.keys(pages)) element(`page-${page}`).hidden = page !== name;
  for (const link of document.querySelectorAll("[data-page]")) {
    if (link.dataset.page === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `Whisker: ${name}`;
  if (shown !== name) {
    if (shown) pages[shown].rest?.();
    shown = name;
    pages[name].wake?.();
  }
}

// A drop beside a drop zone must not make the browser leave the page.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
addEventListener("hashchange", () => {
  open();
  element("main").focus({ preventScroll: true });
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) pages[shown]?.rest?.();
  else pages[shown]?.wake?.();
});

async function introduce() {
  try {
    const model = await ask("/api/model-info");
    predict.know(model);
    element("foot-model").textContent = `${model.title}, version ${model.version}`;
    say(element("trouble"), "");
  } catch (error) {
    say(element("trouble"), error.message);
  }
}

addEventListener("whisker-model", introduce);
open();
introduce();
