// Scripts of the card with their parameters as a form, and Lua, where that is allowed.
import { get, post } from "./api.js";
import { $, attempt, make, say } from "./dom.js";

export class Scripts {
  constructor(events, view) {
    this.events = events;
    this.view = view;
    this.head = null;
    $("script").addEventListener("change", () => this.choose());
    $("run").addEventListener("click", () => this.run());
    $("stopscript").addEventListener("click", () => attempt("scriptresult", () => post(this.call("scripts/stop"))));
    $("parameters").addEventListener("submit", event => event.preventDefault());
    $("lua").addEventListener("submit", event => {
      event.preventDefault();
      this.start("lua", { code: $("code").value });
    });
    events.on("script", told => told.camera === view.camera && this.show());
  }

  call(name) {
    return `api/cameras/${this.view.camera}/${name}`;
  }

  async open() {
    const allowed = Boolean(this.events.room?.allowlua);
    $("noscripts").hidden = allowed;
    $("scriptwork").hidden = !allowed;
    if (!allowed) return;
    const found = await attempt("scriptresult", () => get(this.call("scripts")));
    if (!found) return;
    this.head = null;
    $("script").replaceChildren(...found.map(script => make("option", { value: script.path, textContent: script.title })));
    $("emptycard").hidden = found.length > 0;
    $("script").disabled = $("run").disabled = !found.length;
    if (found.length) await this.choose();
    await this.show();
  }

  async choose() {
    const path = $("script").value;
    const query = `?path=${encodeURIComponent(path)}`;
    const head = await attempt("scriptresult", () => get(this.call("scripts/head") + query));
    // What has been filled in meanwhile stays, and the answer for another script comes too late.
    if (!head || path !== $("script").value || path === this.head?.path) return;
    this.head = head;
    $("parameters").replaceChildren(...head.parameters.map(field));
  }

  run() {
    const values = {};
    for (const element of $("parameters").elements) values[element.name] = element.value;
    return this.start("scripts/run", { path: $("script").value, values });
  }

  async start(name, body) {
    if (await attempt("scriptresult", () => post(this.call(name), body))) await this.show();
  }

  async show() {
    if ($("scripts").hidden) return;
    const told = await attempt("scriptresult", () => get(this.call("scripts/output")));
    if (!told) return;
    say("output", told.lines.join("\n"));
    say("scriptresult", told.running ? this.events.told({ camera: this.view.camera }, `${told.title} runs`) : told.ended);
    $("stopscript").disabled = !told.running;
  }
}

function field(parameter) {
  const choices = parameter.choices.map(text => make("option", { value: text, textContent: text, selected: text === parameter.default }));
  const input = choices.length
    ? make("select", { name: parameter.name }, ...choices)
    : make("input", { name: parameter.name, type: "number", value: parameter.default });
  if (parameter.low !== null) Object.assign(input, { min: parameter.low, max: parameter.high });
  return make("label", {}, parameter.label, input);
}
