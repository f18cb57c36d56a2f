// The API's description as a page, with a form to try each call. Everything comes from /api/openapi.json.
import { ask, element, make, say, show, withCode } from "./ask.js";

const FIRST = ["/api/predict", "/api/explain", "/api/upload", "/api/retrain"];

const named = (ref) => ref.split("/").at(-1);

/** A schema in a line: "{label, total}", "[Job]", "text or null". */
function inWords(schema) {
  if (!schema) return "";
  if (schema.$ref) return named(schema.$ref);
  if (schema.anyOf) return schema.anyOf.map(inWords).join(" or ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array") return `[${inWords(schema.items)}]`;
  if (schema.additionalProperties) return `{name: ${inWords(schema.additionalProperties)}}`;
  if (schema.contentMediaType) return "file";
  return schema.format ?? schema.type ?? "anything";
}

function field(label, control, id) {
  const part = make("div", "field");
  const tag = make("label", "form-label", label);
  tag.htmlFor = id;
  control.id = id;
  part.append(tag, control);
  return part;
}

function operation(path, method, told, index) {
  const details = make("details", "card-like operation");
  const summary = make("summary");
  summary.append(make("span", `method ${method}`, method.toUpperCase()), make("code", "", path), make("span", "muted", told.summary));
  details.append(summary);
  if (told.description) details.append(withCode(make("p"), told.description));
  const answers = make("ul", "answers secondary");
  for (const [status, answer] of Object.entries(told.responses)) {
    const [media, content] = Object.entries(answer.content ?? {})[0] ?? ["", {}];
    const shape = media === "application/json" ? inWords(content.schema) : media;
    answers.append(make("li", "", `${status}  ${answer.description}${shape ? `: ${shape}` : ""}`));
  }
  details.append(make("h3", "", "Answers"), answers, tryIt(path, method, told, index));
  return details;
}

function tryIt(path, method, told, index) {
  const form = make("form", "try");
  const parameters = (told.parameters ?? []).map((parameter) => {
    const input = make("input", "form-control");
    input.required = Boolean(parameter.required) || parameter.in === "path";
    input.placeholder = inWords(parameter.schema);
    form.append(field(parameter.description ? `${parameter.name}: ${parameter.description}` : parameter.name, input,
      `try-${index}-${parameter.name}`));
    return { ...parameter, input };
  });
  const content = told.requestBody?.content ?? {};
  const fields = [];
  if (content["multipart/form-data"]) {
    for (const [name, schema] of Object.entries(content["multipart/form-data"].schema.properties)) {
      const input = make("input", "form-control");
      const file = inWords(schema).includes("file");
      if (file) input.type = "file";
      input.multiple = schema.type === "array";
      form.append(field(name, input, `try-${index}-body-${name}`));
      fields.push({ name, input, file });
    }
  } else if (content["application/json"]) {
    const text = make("textarea", "form-control");
    text.rows = 3;
    text.value = "{}";
    form.append(field("JSON", text, `try-${index}-json`));
    fields.push({ json: true, input: text });
  }
  const button = make("button", "btn btn-primary", "Try it");
  const said = make("pre", "said-raw");
  said.hidden = true;
  said.tabIndex = 0;
  const drawn = make("img", "said-picture");
  drawn.hidden = true;
  drawn.alt = "The picture that came back";
  form.append(button, said, drawn);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let address = path;
    const query = new URLSearchParams();
    for (const { name, input, in: where } of parameters) {
      if (where === "path") address = address.replace(`{${name}}`, encodeURIComponent(input.value));
      else if (input.value) query.set(name, input.value);
    }
    const options = { method: method.toUpperCase() };
    if (fields.some((one) => one.json)) {
      options.body = fields[0].input.value;
      options.headers = { "Content-Type": "application/json" };
    } else if (fields.length) {
      options.body = new FormData();
      for (const { name, input, file } of fields) {
        if (file) for (const one of input.files) options.body.append(name, one, one.name);
        else if (input.value) options.body.append(name, input.value);
      }
    }
    button.disabled = true;
    show(drawn, false);
    try {
      const answer = await fetch(query.size ? `${address}?${query}` : address, options);
      const kind = answer.headers.get("Content-Type") ?? "";
      const head = `${answer.status} ${answer.statusText}`;
      if (kind.startsWith("image/")) {
        drawn.src = URL.createObjectURL(await answer.blob());
        show(drawn, true);
        say(said, head);
      } else {
        const text = await answer.text();
        say(said, `${head}\n\n${kind.startsWith("application/json") ? JSON.stringify(JSON.parse(text), null, 2) : text}`);
      }
    } catch {
      say(said, "Whisker does not answer. It may have been stopped.");
    }
    button.disabled = false;
  });
  return form;
}

function shape(name, schema) {
  const details = make("details", "card-like operation");
  const summary = make("summary");
  summary.append(make("code", "", name));
  details.append(summary);
  const fields = Object.entries(schema.properties ?? {});
  if (!fields.length) details.append(make("p", "", inWords(schema)));
  const list = make("dl", "shape");
  for (const [field, inner] of fields) {
    const optional = (schema.required ?? []).includes(field) ? "" : " (optional)";
    list.append(make("dt", "", field), make("dd", "", `${inWords(inner)}${optional}${inner.description ? `. ${inner.description}` : ""}`));
  }
  details.append(list);
  return details;
}

/** What people come for stands first; the rest in the description's own order. */
function rank(path) {
  const at = FIRST.findIndex((one) => path === one || path.startsWith(`${one}/`));
  return at < 0 ? FIRST.length : at;
}

try {
  const told = await ask("/api/openapi.json");
  withCode(element("about"), told.info.description ?? "");
  let index = 0;
  for (const [path, methods] of Object.entries(told.paths).sort(([one], [other]) => rank(one) - rank(other))) {
    for (const [method, one] of Object.entries(methods)) {
      element("operations").append(operation(path, method, one, index));
      index += 1;
    }
  }
  element("shapes").append(...Object.entries(told.components.schemas).map(([name, schema]) => shape(name, schema)));
  show(element("shapes-title"), true);
} catch (error) {
  say(element("trouble"), error.message);
}
element("operations").removeAttribute("aria-busy");
