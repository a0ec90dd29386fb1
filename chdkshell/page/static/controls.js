// The camera's settings and keys. What the camera refuses is said at the control that asked.
import { post } from "./api.js";
import { $, allow, forgetRefusals, make } from "./dom.js";

const SHUTTERS = [1 / 2000, 1 / 1000, 1 / 500, 1 / 250, 1 / 125, 1 / 60, 1 / 30, 1 / 15, 1 / 8, 1 / 4, 0.5, 1, 2, 4, 8, 15, 30];
const APERTURES = [1.8, 2, 2.8, 3.4, 4, 5.6, 8];
const ISOS = [0, 80, 100, 200, 400, 800, 1600];
const EVS = [-2, -5 / 3, -4 / 3, -1, -2 / 3, -1 / 3, 0, 1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2];
const KEYS = ["up", "down", "left", "right", "set", "menu", "display", "print", "playback", "video", "erase", "zoom_in", "zoom_out"];
const KEY_NAMES = { up: "Up", down: "Down", left: "Left", right: "Right", set: "Set", menu: "Menu", display: "Display", print: "Print", playback: "Play", video: "Video", erase: "Erase", zoom_in: "Zoom in", zoom_out: "Zoom out" };

const time = seconds => seconds >= 0.3 ? `${seconds} s` : `1/${Math.round(1 / seconds)} s`;
const stop = value => `f/${value}`;
const signed = ev => (ev > 0 ? "+" : "") + ev.toFixed(1);
const options = (values, name) => values.map(value => [value, name(value)]);

// Each control: its field, label, the values that can be chosen, and how the present one is found.
const CHOICES = [
  ["record", "Record or play", () => [[true, "record"], [false, "play"]], look => look.record],
  ["mode", "Mode", look => options(look.modes, String), look => look.mode],
  ["shutter", "Shutter time", () => options(SHUTTERS, time), look => look.shutter, time],
  ["aperture", "Aperture", () => options(APERTURES, stop), look => look.aperture, stop],
  ["iso", "ISO", () => options(ISOS, value => value ? String(value) : "auto"), look => look.iso_mode],
  ["ev", "EV", () => options(EVS, signed), look => look.ev],
  ["nd", "ND filter", () => options(["auto", "in", "out"], String), (look, camera) => camera.nd],
  ["focus_mode", "Focus", () => options(["auto", "manual", "locked"], String), look => look.focus_mode],
  ["flash", "Flash", () => [[0, "auto"], [1, "on"], [2, "off"]], look => look.flash],
  ["drive", "Drive", () => [[0, "single"], [1, "continuous"]], look => look.drive],
];

export class Controls {
  constructor(events, view) {
    this.events = events;
    this.view = view;
    this.elements = {};
    this.calls = Promise.resolve();
    this.asked = new Map(); // how many calls of a field are under way
    this.build();
    events.on("change", () => this.update());
  }

  build() {
    const form = $("settings");
    form.addEventListener("submit", event => event.preventDefault());
    for (const [field, label] of CHOICES) this.add(field, label, make("select", { name: field }));
    this.add("zoom", "Zoom", make("input", { name: "zoom", type: "range", min: 0, max: 1, step: 1 }));
    this.add("focus", "Focus distance (mm)", make("input", { name: "focus", type: "number", min: 1 }));
    this.addName();
    for (const key of KEYS) {
      const button = make("button", { type: "button", textContent: KEY_NAMES[key] });
      button.dataset.key = key;
      button.addEventListener("click", () => this.press(key));
      $("camerakeys").append(button);
    }
    $("camerakeys").append(make("p", { id: "keysaid", className: "said", role: "status" }));
  }

  add(field, label, element) {
    const value = () => element.tagName === "SELECT" ? JSON.parse(element.value) : Number(element.value);
    this.place(field, label, element, () => ["settings", { [field]: value() }]);
  }

  // The name in the rig, by which the camera is told from others here and in the shell.
  addName() {
    const element = make("input", { name: "name", autocomplete: "off", spellcheck: false });
    this.place("name", "Name", element, () => ["name", { name: element.value.trim() }]);
  }

  // Put a control on the page. `asks` gives the call that it makes, and its body.
  place(field, label, element, asks) {
    const said = make("p", { className: "said", role: "status", id: `said-${field}` });
    element.setAttribute("aria-describedby", said.id);
    element.addEventListener("change", () => this.set(field, said, ...asks()));
    $("settings").append(make("div", {}, make("label", {}, label, element), said));
    this.elements[field] = element;
  }

  // One call after another: on two connections the later one might arrive first.
  send(call, body) {
    const path = `api/cameras/${this.view.camera}/${call}`;
    const answer = this.calls.then(() => post(path, body));
    this.calls = answer.catch(() => {});
    return answer;
  }

  async set(field, said, call, body) {
    forgetRefusals();
    this.asked.set(field, (this.asked.get(field) ?? 0) + 1);
    try {
      await this.send(call, body);
      this.asked.set(field, this.asked.get(field) - 1);
    } catch (error) {
      said.textContent = error.message;
      this.asked.set(field, this.asked.get(field) - 1);
      this.update();
    }
  }

  async press(key) {
    forgetRefusals();
    try {
      await this.send("key", { key });
    } catch (error) {
      $("keysaid").textContent = error.message;
    }
  }

  // Whether somebody is at a control, or has just asked there for what the camera does not tell yet.
  inUse(field) {
    return document.activeElement === this.elements[field] || this.asked.get(field) > 0;
  }

  // Show what the camera is set to, but not at a control that is in use.
  update() {
    const camera = this.events.camera(this.view.camera);
    if (!camera) return;
    const look = camera.look;
    const shows = this.events.room.readonly ? "this program only shows" : "";
    const { name: own } = this.elements;
    allow(own, shows);
    for (const button of document.querySelectorAll("[data-key]")) allow(button, shows);
    own.placeholder = camera.model;
    if (!this.inUse("name")) own.value = camera.name === camera.model ? "" : camera.name;
    if (!look) return;
    for (const [field, , values, present, name = String] of CHOICES) {
      const element = this.elements[field];
      allow(element, shows || (field === "nd" && !look.has_nd ? "this camera has no ND filter" : ""));
      if (!this.inUse(field)) choose(element, values(look), present(look, camera), name);
    }
    const { zoom, focus } = this.elements;
    zoom.max = look.zoom_steps - 1;
    for (const element of [zoom, focus]) allow(element, shows);
    if (!this.inUse("zoom")) zoom.value = look.zoom;
    if (!this.inUse("focus")) focus.value = look.focus;
  }
}

// Fill a choice, with the present value beside those that are offered.
function choose(element, values, present, name) {
  const near = values.find(([value]) => value === present || (typeof present === "number" && Math.abs(value - present) <= 0.04 * Math.abs(value)));
  const all = near || present === null || present === "" ? values : [[present, name(present)], ...values];
  const wanted = JSON.stringify(all);
  if (element.dataset.values !== wanted) {
    element.replaceChildren(...all.map(([value, text]) => make("option", { value: JSON.stringify(value), textContent: text })));
    element.dataset.values = wanted;
  }
  const value = JSON.stringify((near ?? [present])[0]);
  if (element.value !== value) element.value = value;
}
