// Sequences: they run in chdkshell; the page starts them and shows how far they have come.
import { get, post } from "./api.js";
import { $, attempt, say } from "./dom.js";

export class Sequences {
  constructor(events, view) {
    this.events = events;
    this.view = view;
    const form = $("sequence");
    form.addEventListener("submit", event => {
      event.preventDefault();
      this.start(form);
    });
    form.elements.kind.addEventListener("change", () => this.fit());
    $("pause").addEventListener("click", () => this.change($("pause").textContent === "Pause" ? "pause" : "resume"));
    $("stop").addEventListener("click", () => this.change("stop"));
    events.on("sequence", told => told.camera === view.camera && this.show(told));
    events.on("room", () => this.load());
    this.fit();
    this.show(null);
  }

  get path() {
    return `api/cameras/${this.view.camera}/sequence`;
  }

  fit() {
    const kind = $("sequence").elements.kind.value;
    for (const label of $("sequence").querySelectorAll("[data-for]")) label.hidden = label.dataset.for !== kind;
  }

  async load() {
    try {
      this.show((await get(this.path)).sequence);
    } catch { /* the camera is gone: it is told elsewhere */ }
  }

  async start(form) {
    const body = { kind: form.elements.kind.value, to: $("to").value };
    for (const name of ["shots", "interval", "step", "near", "far"]) body[name] = Number(form.elements[name].value);
    const done = await attempt("progresstext", () => post(this.path, body));
    if (done) this.show(done.sequence);
  }

  async change(action) {
    const done = await attempt("progresstext", () => post(`${this.path}/change`, { action }));
    if (done) this.show(done.sequence);
  }

  show(told) {
    const runs = told && ["running", "paused"].includes(told.progress);
    $("pause").disabled = $("stop").disabled = !runs;
    $("start").disabled = Boolean(runs);
    $("pause").textContent = told?.progress === "paused" ? "Go on" : "Pause";
    $("progress").value = told ? told.taken / told.shots : 0;
    if (!told) return;
    say("progresstext", this.events.told(told, `${told.kind}: ${told.taken} of ${told.shots}, ${told.progress}`));
    say("log", told.log.join("\n"));
  }
}
