// Labelled pictures in, a training on, its progress as it happens.
import { ask, count, duration, element, exact, line, make, percent, say, send, show, takesDrops, whileSeen } from "./ask.js";

const TOGETHER = 50; // files in one request
const ENDS = ["finished", "failed", "cancelled"];
const EVERY_MS = 4000;
const AGAIN_MS = 2000;
let job = null; // the one that is under way
let followed = null; // the latest one that was shown
let stream = null;
let epochs = [];

export const { wake, rest } = whileSeen(look, EVERY_MS);

/** Others send pictures and begin trainings too. */
async function look() {
  try {
    await Promise.all([counts(), latest()]);
    say(element("trouble"), "");
  } catch (error) {
    say(element("trouble"), error.message);
  }
}

async function counts() {
  const found = await ask("/api/upload");
  const most = Math.max(1, ...Object.values(found.labels));
  element("upload-counts").replaceChildren(...Object.entries(found.labels).map(([label, number]) => {
    const row = make("li");
    const track = make("span", "track");
    const fill = make("span", "fill");
    fill.style.width = `${(number / most) * 100}%`;
    track.append(fill);
    row.append(make("span", "bar-name clip", label), track, make("span", "number", count(number, "photo")));
    return row;
  }));
  element("labels").replaceChildren(...Object.keys(found.labels).map((label) => {
    const option = make("option");
    option.value = label;
    return option;
  }));
  const enough = Object.values(found.labels).filter((number) => number >= 2).length >= 2;
  element("start-button").disabled = !enough || job !== null;
  element("start-button").title = enough ? "" : "Two photos or more of each of two classes come first.";
}

async function upload(files) {
  const said = element("upload-said");
  const label = element("label").value.trim();
  const total = { saved: 0, duplicates: 0, rejected: [] };
  said.className = "message";
  try {
    for (let at = 0; at < files.length; at += TOGETHER) {
      say(said, `Sending ${at} of ${files.length}…`);
      const form = new FormData();
      if (label) form.append("label", label);
      for (const file of files.slice(at, at + TOGETHER)) form.append("files", file, file.name);
      const answer = await ask("/api/upload", { method: "POST", body: form });
      total.saved += answer.saved.length;
      total.duplicates += answer.duplicates.length;
      total.rejected.push(...answer.rejected);
    }
    const parts = [`${count(total.saved, "photo")} kept`];
    if (total.duplicates) parts.push(`${total.duplicates} sent before`);
    if (total.rejected.length) parts.push(`${total.rejected.length} refused`);
    say(said, `${parts.join(", ")}.`);
  } catch (error) {
    said.className = "message wrong";
    say(said, error.message);
  }
  const rejected = element("upload-rejected");
  show(rejected, total.rejected.length > 0);
  rejected.replaceChildren(...total.rejected.slice(0, 20).map((one) => make("li", "", `${one.name}: ${one.reason}`)));
  // The upload may have begun a training by itself.
  await look();
}

async function latest() {
  const { jobs } = await ask("/api/retrain");
  if (jobs.length && jobs[0].job_id !== followed) follow(jobs[0]);
}

function follow(started) {
  followed = started.job_id;
  epochs = [];
  show(element("job"), true);
  show(element("curve-part"), false);
  show(element("job-outcome"), false);
  if (ENDS.includes(started.state)) {
    end(started);
    return;
  }
  job = started.job_id;
  element("start-button").disabled = true;
  show(element("cancel"), true);
  element("cancel").disabled = false;
  element("cancel").textContent = "Cancel";
  progress("Starting…", null, null);
  stream?.close();
  stream = new EventSource(`/api/retrain/${job}/events`);
  const on = (name, hear) => stream.addEventListener(name, (event) => hear(JSON.parse(event.data)));
  on("prepared", (event) => {
    progress(`${event.train} photos to learn from, ${event.validation} to steer by, ${event.test} to judge by`, null,
      event.seconds);
  });
  on("stage", (event) => progress(event.message, event.total ? event.done / event.total : null, event.seconds_left));
  on("batch", (event) => progress(`Epoch ${event.epoch}`, event.done / event.total, event.seconds_left));
  on("epoch", (event) => {
    epochs.push(event);
    progress(`Epoch ${event.number} of ${event.total}: ${percent(event.val_accuracy)} right`, event.number / event.total, null);
    draw();
  });
  for (const name of ENDS) {
    on(name, async () => {
      stream.close();
      await settle();
    });
  }
  // A stream that breaks off begins again by itself; it is closed where the server has none to give.
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED) settle();
  };
}

/** What became of the training whose stream has ended. */
async function settle() {
  try {
    const found = await ask(`/api/retrain/${job}`);
    if (ENDS.includes(found.state)) end(found);
    else setTimeout(() => follow(found), AGAIN_MS);
  } catch (error) {
    end({ state: "lost", recipe: "", notes: [], error });
  }
}

function progress(words, share, left) {
  element("job-state").textContent = words;
  const bar = element("job-bar");
  bar.classList.toggle("unsure", share === null);
  bar.firstElementChild.style.width = share === null ? "100%" : `${share * 100}%`;
  if (share === null) bar.removeAttribute("aria-valuenow");
  else bar.setAttribute("aria-valuenow", Math.round(share * 100));
  show(bar, true);
  element("job-left").textContent = left ? `About ${duration(left)} left` : "";
}

function draw() {
  if (epochs.length < 2) return;
  show(element("curve-part"), true);
  const svg = element("curve");
  svg.replaceChildren();
  const total = epochs.at(-1).total;
  const lowest = Math.min(...epochs.flatMap((epoch) => [epoch.accuracy, epoch.val_accuracy]));
  const bottom = Math.min(0.9, Math.floor(lowest * 10) / 10);
  element("curve-range").textContent = `${percent(bottom)} to 100 %`;
  line(svg, epochs.map((epoch) => epoch.accuracy), [bottom, 1], "faint", total);
  line(svg, epochs.map((epoch) => epoch.val_accuracy), [bottom, 1], "solid", total);
}

function end(over) {
  job = null;
  show(element("cancel"), false);
  show(element("job-bar"), false);
  element("job-left").textContent = "";
  const headline = element("outcome-headline");
  const notes = [...over.notes];
  if (over.state === "finished") {
    const { accuracy, accuracy_interval: interval, images } = over.metrics ?? {};
    element("job-state").textContent = `${over.model}, version ${over.model_version}`
      + (over.seconds ? `, in ${duration(over.seconds)}` : "");
    // Of how many is as much as the share: 4 of 4 is no 100 %.
    headline.textContent = accuracy === undefined ? "Done" : `${Math.round(accuracy * images)} of ${images} right`;
    if (interval) notes.unshift(`Between ${exact(interval[0])} and ${exact(interval[1])} of photos it was not shown.`);
    dispatchEvent(new Event("whisker-model"));
  } else {
    element("job-state").textContent = over.recipe;
    headline.textContent = { cancelled: "Cancelled", lost: "What came of it is not known" }[over.state] ?? "No model came of it";
    if (over.error) notes.unshift([over.error.message, over.error.hint].filter(Boolean).join(" "));
    if (over.state === "cancelled") notes.unshift("Nothing half-made was left.");
  }
  show(element("job-outcome"), true);
  element("outcome-notes").replaceChildren(...notes.map((note) => make("li", "", note)));
  look();
}

element("start").addEventListener("submit", async (event) => {
  event.preventDefault();
  const wanted = { recipe: element("recipe").value };
  if (element("epochs").value) wanted.epochs = Number(element("epochs").value);
  if (element("name").value.trim()) wanted.name = element("name").value.trim();
  say(element("start-said"), "");
  element("start-button").disabled = true;
  try {
    const started = await ask("/api/retrain", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wanted),
    });
    follow({ ...started, state: "running" });
  } catch (error) {
    say(element("start-said"), error.message);
    element("start-button").disabled = false;
  }
});
element("cancel").addEventListener("click", async () => {
  element("cancel").disabled = true;
  element("cancel").textContent = "Cancelling…";
  try {
    await send(`/api/retrain/${job}`, { method: "DELETE" });
  } catch (error) {
    say(element("start-said"), error.message);
  }
});
element("upload-files").addEventListener("change", (event) => {
  const files = [...event.target.files];
  event.target.value = "";
  if (files.length) upload(files);
});
takesDrops(element("upload-drop"), upload);
