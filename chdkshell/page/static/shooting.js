// The shutter button: half press as long as it is held, shots, and the last picture.
import { post } from "./api.js";
import { drawHistogram } from "./analysis.js";
import { $, attempt, make, say } from "./dom.js";

const BEAT = 600; // ms between two words that the button is still held

export class Shooting {
  constructor(events, view) {
    this.events = events;
    this.view = view;
    this.timer = null;
    this.calls = Promise.resolve();
    this.waiting = 0;
    this.last = null; // the picture that is shown
    $("shoot").addEventListener("click", () => this.shoot());
    const half = $("half");
    half.addEventListener("pointerdown", event => {
      half.setPointerCapture?.(event.pointerId);
      this.hold();
    });
    for (const end of ["pointerup", "pointercancel"]) half.addEventListener(end, () => this.release());
    half.addEventListener("keydown", event => {
      if ((event.key === " " || event.key === "Enter") && !event.repeat) this.hold();
    });
    half.addEventListener("keyup", event => {
      if (event.key === " " || event.key === "Enter") this.release();
    });
    half.addEventListener("contextmenu", event => event.preventDefault()); // of a long touch
    half.addEventListener("blur", () => this.release());
    addEventListener("blur", () => this.release());
    addEventListener("pagehide", () => this.release());
    events.on("shot", shot => this.showLast(shot));
  }

  call(name) {
    return `api/cameras/${this.view.camera}/${name}`;
  }

  async shoot() {
    if ($("shoot").disabled) return;
    say("result", "taking a picture");
    await attempt("result", () => post(this.call("shoot"), { to: $("to").value }), $("shoot"));
    if (this.timer) this.beat();
  }

  hold() {
    if (this.timer) return;
    this.timer = setInterval(() => this.beat(), BEAT);
    $("half").setAttribute("aria-pressed", "true");
    this.beat();
  }

  // One call after another: the last that is made is the last that the camera hears.
  beat() {
    if (this.waiting) return;
    this.say({ on: true });
  }

  say(body) {
    const path = this.call("half");
    this.waiting++;
    this.calls = this.calls.then(() => attempt("result", () => post(path, body))).then(() => this.waiting--);
  }

  release() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    $("half").setAttribute("aria-pressed", "false");
    this.say({ on: false });
  }

  // Show the thumbnail as soon as it is there, then the preview with its histogram.
  showLast(shot) {
    if (shot.camera !== this.view.camera || !shot.files.length) return;
    const file = shot.files.find(name => /\.jpe?g$/i.test(name)) ?? shot.files[0];
    const base = shot.place === "card" ? `api/cameras/${shot.camera}/pictures` : "api/folder";
    const query = `?path=${encodeURIComponent(file)}`;
    this.last = { base, query, path: file, name: file.split("/").pop() };
    $("last").hidden = false;
    const folder = file.slice(0, file.lastIndexOf("/") + 1); // a line is broken after it
    $("lastname").replaceChildren(this.events.told(shot, folder), make("wbr"), file.slice(folder.length));
    const image = $("lastpicture");
    image.onload = () => {
      drawPicture($("lasthistogram"), image);
      if (!image.src.includes("/preview")) image.src = `${base}/preview${query}`;
    };
    image.onerror = () => { if (image.src.includes("/thumbnail")) image.src = `${base}/preview${query}`; };
    image.src = `${base}/thumbnail${query}`;
  }
}

// Draw the histogram of a picture that has been loaded.
export function drawPicture(canvas, image) {
  const small = document.createElement("canvas");
  small.width = 200;
  small.height = Math.max(1, Math.round(200 * image.naturalHeight / image.naturalWidth));
  const pen = small.getContext("2d");
  pen.drawImage(image, 0, 0, small.width, small.height);
  drawHistogram(canvas, pen.getImageData(0, 0, small.width, small.height).data);
}
