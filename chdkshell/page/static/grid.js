// Several cameras: small pictures of all, a choice of them, and the shot of all at once.
import { post } from "./api.js";
import { $, attempt, make, say } from "./dom.js";

const PAUSE = 100; // ms between two rounds
const MANY = 6; // cameras from which on they are shown smaller
const PATIENCE = 3000; // ms that one camera may hold up the others

async function showFrame(number, canvas) {
  try {
    const answer = await fetch(`api/cameras/${number}/frame.jpg`, { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(answer.status);
    const frame = await createImageBitmap(await answer.blob());
    canvas.getContext("2d").drawImage(frame, 0, 0, canvas.width, canvas.height);
    canvas.className = "";
    frame.close();
  } catch {
    canvas.className = "old";
  }
}

export class Grid {
  constructor(events, view, chosen) {
    this.events = events;
    this.view = view;
    this.chosen = chosen;
    this.tiles = new Map();
    this.refresh();
    $("together").addEventListener("click", () => this.together());
    events.on("change", () => this.update());
  }

  update() {
    const cameras = this.events.room?.cameras ?? [];
    const several = cameras.length > 1;
    $("grid").hidden = $("together").hidden = !several;
    $("grid").classList.toggle("many", cameras.length > MANY);
    const shown = several ? [...cameras].sort((a, b) => a.camera - b.camera) : [];
    if (String([...this.tiles.keys()]) !== String(shown.map(camera => camera.camera))) {
      this.tiles.clear(); // a server that was started again may have others
      $("grid").replaceChildren();
    }
    for (const camera of shown) {
      if (!this.tiles.has(camera.camera)) this.add(camera);
      const tile = this.tiles.get(camera.camera);
      tile.button.setAttribute("aria-pressed", String(camera.camera === this.view.camera));
      const isNamed = camera.name !== camera.model;
      tile.name.textContent = `${camera.camera} ${camera.name}`;
      tile.button.title = tile.name.textContent;
      const stream = this.events.stream(camera);
      tile.state.textContent = `(${stream})`;
      tile.state.className = stream === "live" ? "unseen" : "failed";
      tile.part.textContent = `: ${isNamed ? camera.name : camera.camera}`;
    }
  }

  add(camera) {
    const canvas = make("canvas", { width: 180, height: 135 });
    const name = make("span", { className: "name" }), state = make("span");
    const button = make("button", { type: "button" }, canvas, make("span", {}, name, " ", state));
    button.addEventListener("click", () => {
      this.view.show(camera.camera);
      this.chosen();
      this.update();
    });
    const box = make("input", { type: "checkbox", checked: true });
    const part = make("span", { className: "unseen" });
    const tile = { button, name, state, box, part };
    this.tiles.set(camera.camera, tile);
    $("grid").append(make("div", {}, button, make("label", {}, box, make("span", {}, "in the shot", part))));
    tile.canvas = canvas;
  }

  // One picture after another: a browser opens few connections, which streams would hold.
  async refresh() {
    for (;;) {
      for (const [number, { canvas }] of this.tiles) {
        if (!document.hidden) await showFrame(number, canvas);
      }
      await new Promise(done => setTimeout(done, PAUSE));
    }
  }

  async together() {
    const cameras = [...this.tiles].filter(([, tile]) => tile.box.checked).map(([number]) => number);
    if (!cameras.length) return say("result", "choose cameras first");
    const done = await attempt("result", () => post("api/together", { cameras }), $("together"));
    if (!done) return null;
    const spread = done.spread === null ? "" : `, ${done.spread} ms between the first and the last`;
    return say("result", [`${done.fired.length} cameras fired${spread}`, ...done.problems].join("; "), done.problems.length > 0);
  }
}
