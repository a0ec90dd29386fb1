// The pictures on the card and in the folder of the computer that runs chdkshell.
import { get, post } from "./api.js";
import { $, attempt, make, say } from "./dom.js";
import { drawPicture } from "./shooting.js";

const PAGE = 60;

const sizeText = bytes => bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
const countText = (count, what) => `${count || "no"} ${what}${count === 1 ? "" : "s"}`;

export class Gallery {
  constructor(events, view) {
    this.events = events;
    this.view = view;
    this.chosen = new Set();
    this.shown = 0;
    this.round = 0;
    this.stale = true;
    $("place").addEventListener("change", () => this.load());
    $("refresh").addEventListener("click", () => this.load());
    $("more").addEventListener("click", () => this.add());
    $("download").addEventListener("click", () => this.download());
    $("delete").addEventListener("click", () => this.ask());
    $("yes").addEventListener("click", () => this.remove());
    $("no").addEventListener("click", () => $("question").close());
    $("close").addEventListener("click", () => $("large").close());
    $("largepicture").addEventListener("load", () => drawPicture($("largehistogram"), $("largepicture")));
    events.on("shot", () => {
      this.stale = true;
      if (!$("gallery").hidden) this.load();
    });
    events.on("transfer", done => say("galleryresult", events.told(done, `${done.path}: ${Math.round(100 * done.done / Math.max(done.size, 1))} %`)));
  }

  get base() {
    return $("place").value === "card" ? `api/cameras/${this.view.camera}/pictures` : "api/folder";
  }

  open() {
    if (this.stale) this.load();
  }

  async load() {
    this.stale = false;
    this.chosen.clear();
    this.shown = 0;
    this.round++;
    $("pictures").replaceChildren();
    await this.add();
  }

  async add() {
    const round = this.round;
    const found = await attempt("galleryresult", () => get(`${this.base}?start=${this.shown}&count=${PAGE}`));
    if (!found || round !== this.round) return; // it was loaded anew meanwhile
    for (const picture of found.pictures) $("pictures").append(this.item(picture));
    this.shown += found.pictures.length;
    $("more").hidden = this.shown >= found.total;
    say("galleryresult", countText(found.total, "picture"));
  }

  item(picture) {
    const query = `?path=${encodeURIComponent(picture.path)}`;
    const image = make("img", { src: `${this.base}/thumbnail${query}`, alt: "", loading: "lazy" });
    const button = make("button", { type: "button", "aria-label": `Show ${picture.name}` }, image);
    image.onerror = () => image.replaceWith(make("span", { className: "none", textContent: "no thumbnail" }));
    button.addEventListener("click", () => this.enlarge({ ...picture, query, base: this.base }));
    const box = make("input", { type: "checkbox" });
    box.addEventListener("change", () => this.chosen[box.checked ? "add" : "delete"](picture.path));
    return make("li", {}, button, make("label", {}, box, picture.name));
  }

  enlarge(picture) {
    $("largepicture").src = `${picture.base}/preview${picture.query}`;
    $("largepicture").alt = picture.name;
    say("largename", picture.size ? `${picture.path}, ${sizeText(picture.size)}` : picture.path);
    $("largefile").href = `${picture.base}/file${picture.query}`;
    $("largefile").setAttribute("download", picture.name);
    $("large").showModal();
  }

  async download() {
    if (!this.any()) return;
    const body = { paths: [...this.chosen] };
    const done = await attempt("galleryresult", () => post(`api/cameras/${this.view.camera}/pictures/download`, body), $("download"));
    if (done) say("galleryresult", `downloaded: ${done.names.join(", ")}`);
  }

  any() {
    if (!this.chosen.size) say("galleryresult", "choose pictures first");
    return this.chosen.size > 0;
  }

  ask() {
    if (!this.any()) return;
    say("questiontext", `Delete ${countText(this.chosen.size, "file")} from ${$("place").selectedOptions[0].textContent}?`);
    $("question").showModal();
    $("no").focus();
  }

  async remove() {
    $("question").close();
    const body = { paths: [...this.chosen], confirm: this.chosen.size };
    const done = await attempt("galleryresult", () => post(`${this.base}/delete`, body));
    if (!done) return;
    await this.load();
    say("galleryresult", done.text);
  }
}
