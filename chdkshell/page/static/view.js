// The picture of the chosen camera, with what the page draws over it.
import { post } from "./api.js";
import { drawHistogram, drawLines, drawMarks } from "./analysis.js";
import { $, attempt, pressed, say } from "./dom.js";
import { condition } from "./events.js";
import { lookText } from "./look.js";
import { Stream } from "./stream.js";

const ZOOM = 3; // of the magnifier
const TOOLS = ["overlay", "histogram", "clipping", "peaking", "lines", "magnifier"];

export class View {
  constructor(events) {
    this.events = events;
    this.camera = 0; // none is known yet
    this.on = Object.fromEntries(TOOLS.map(tool => [tool, false]));
    this.centre = [0.5, 0.5];
    this.frames = 0;
    this.stream = new Stream(frame => this.draw(frame), () => this.tell());
    for (const tool of TOOLS) {
      document.querySelector(`[data-tool=${tool}]`).addEventListener("click", () => this.toggle(tool));
    }
    $("fullscreen").addEventListener("click", () => this.fullscreen());
    $("record").addEventListener("click", () => this.record());
    $("picture").addEventListener("pointermove", event => this.aim(event));
    $("picture").addEventListener("pointerdown", event => this.aim(event));
    events.on("room", room => {
      if (!events.camera(this.camera)) this.show(room.cameras[0].camera);
    });
    events.on("change", () => this.tell());
    setInterval(() => this.tell(), 500);
    // Nobody sees it then, and a browser opens few connections to one server.
    document.addEventListener("visibilitychange", () => this.show(this.camera));
  }

  show(camera) {
    if (!camera) return;
    this.camera = camera;
    const path = `api/cameras/${camera}/stream?overlay=${this.on.overlay}`;
    this.stream.show(document.hidden ? "" : path);
    $("snapshot").href = `api/cameras/${camera}/frame.jpg?overlay=${this.on.overlay}`;
  }

  toggle(tool) {
    this.on[tool] = !this.on[tool];
    pressed(document.querySelector(`[data-tool=${tool}]`), this.on[tool]);
    if (tool === "overlay") this.show(this.camera);
    $("histogram").hidden = !this.on.histogram;
    $("stage").toggleAttribute("data-magnifier", this.on.magnifier);
  }

  fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else $("screen").requestFullscreen?.();
  }

  aim(event) {
    const { width, height } = $("picture"), box = $("picture").getBoundingClientRect();
    const scale = Math.min(box.width / width, box.height / height); // there may be bars beside it
    const place = (at, side, whole) => 0.5 + (at - side / 2) / (whole * scale);
    this.look(place(event.clientX - box.left, box.width, width), place(event.clientY - box.top, box.height, height));
  }

  // Have the magnifier show another part of the picture.
  look(x, y) {
    this.centre = [x, y].map(part => Math.min(Math.max(part, 0), 1));
  }

  move(x, y) {
    this.look(this.centre[0] + x / 12, this.centre[1] + y / 12);
  }

  async record() {
    const on = $("record").getAttribute("aria-pressed") !== "true";
    const body = { on, kind: $("recordkind").value };
    const number = this.camera;
    const done = await attempt("result", () => post(`api/cameras/${number}/recording`, body));
    if (!done) return;
    const camera = this.events.camera(number);
    if (camera) camera.recording = on ? done.name : "";
    this.tell();
    say("result", on ? `recording ${done.name}` : `${done.name}: ${done.frames} frames`);
  }

  draw(frame) {
    const canvas = $("picture"), marks = $("marks");
    for (const each of [canvas, marks]) {
      if (each.width !== frame.width || each.height !== frame.height) {
        each.width = frame.width;
        each.height = frame.height;
      }
    }
    const { width, height } = canvas;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    if (this.on.magnifier) {
      const w = width / ZOOM, h = height / ZOOM;
      const x = Math.min(Math.max(this.centre[0] * width - w / 2, 0), width - w);
      const y = Math.min(Math.max(this.centre[1] * height - h / 2, 0), height - h);
      pen.drawImage(frame, x, y, w, h, 0, 0, width, height);
    } else {
      pen.drawImage(frame, 0, 0);
    }
    frame.close();
    this.frames++;
    this.analyse(pen, marks.getContext("2d"), width, height);
    document.documentElement.dataset.frames = this.frames;
  }

  analyse(pen, over, width, height) {
    over.clearRect(0, 0, width, height);
    const { histogram, clipping, peaking, lines } = this.on;
    if (histogram || clipping || peaking) {
      const image = pen.getImageData(0, 0, width, height);
      if (histogram) drawHistogram($("histogram"), image.data);
      if (clipping || peaking) drawMarks(over, image, this.on);
    }
    if (lines) drawLines(over, width, height);
  }

  tell() {
    const camera = this.events.camera(this.camera);
    const [kind, text] = condition(this.events, camera, this.stream);
    $("stage").className = kind === "live" ? "" : "old";
    $("stream").className = `badge ${kind}`;
    // the rate changes all the time, which nobody wants to have read out
    say("stream", kind === "live" ? "live" : text);
    $("stream").title = text;
    $("note").hidden = kind === "live";
    say("note", text);
    const name = this.events.name(camera);
    say("name", name);
    $("name").title = name;
    say("look", lookText(camera));
    pressed($("record"), Boolean(camera?.recording));
    document.title = [name, kind === "gone" ? "gone" : "", "chdkshell control room"].filter(Boolean).join(" - ");
  }
}
