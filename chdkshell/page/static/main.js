// The control room: what belongs together is put together here.
import { get, post, renewToken } from "./api.js";
import { Controls } from "./controls.js";
import { $, allow, attempt, forgetRefusals, pressed, say } from "./dom.js";
import { Events } from "./events.js";
import { Gallery } from "./gallery.js";
import { Grid } from "./grid.js";
import { Keyboard } from "./keyboard.js";
import { Scripts } from "./scripts.js";
import { Sequences } from "./sequences.js";
import { Shooting } from "./shooting.js";
import { View } from "./view.js";

const events = new Events();
const view = new View(events);
const shooting = new Shooting(events, view);
const controls = new Controls(events, view);
const gallery = new Gallery(events, view);
const sequences = new Sequences(events, view);
const scripts = new Scripts(events, view);
new Grid(events, view, () => {
  controls.update();
  sequences.load();
  gallery.stale = true;
});
new Keyboard({ shooting, controls, view, show });

function show(name) {
  for (const panel of document.querySelectorAll("[data-panel]")) panel.hidden = panel.id !== name;
  for (const button of document.querySelectorAll("[data-tab]")) pressed(button, button.dataset.tab === name);
  ({ gallery, scripts })[name]?.open();
}

for (const button of document.querySelectorAll("[data-tab]")) {
  button.addEventListener("click", () => show(button.dataset.tab));
}

function showHolder({ name, you }) {
  $("take").hidden = !name || you || events.room.readonly;
  $("holder").classList.toggle("usual", !name || you);
  say("holder", !name ? "nobody holds the controls" : you ? "you hold the controls" : `${name} holds the controls`);
  $("holder").title = $("holder").textContent;
}

// Events go to all alike: who holds the controls is asked, so that it is known whether it is this.
async function askHolder() {
  try {
    showHolder((await get("api/state")).holder);
  } catch { /* the server is gone, which is told elsewhere */ }
}

$("showlast").addEventListener("click", () => gallery.enlarge(shooting.last));

$("take").addEventListener("click", async () => {
  const device = /Mobi|Android|iPhone|iPad/.test(navigator.userAgent) ? "a phone or tablet" : "a computer";
  const holder = await attempt("result", () => post("api/controls", { name: device }));
  if (!holder) return;
  forgetRefusals();
  showHolder(holder);
});

events.on("room", room => {
  const shows = room.readonly ? "this program only shows" : "";
  const nowhere = room.folder ? "" : "no folder of this computer was given for pictures";
  for (const id of ["shoot", "half", "together", "to", "delete", "start"]) allow($(id), shows);
  for (const id of ["record", "recordkind", "download"]) allow($(id), shows || nowhere);
  for (const id of ["to", "place"]) allow($(id).options[1], nowhere);
  if (shows) say("holder", shows);
  else askHolder();
});
events.on("holder", askHolder);
events.on("problem", told => say("result", events.told(told, told.error), true));
events.on("back", told => say("result", events.told(told, "the camera is back")));
events.on("gone", () => say("result", "chdkshell does not answer: it is looked for", true));
events.on("returned", () => {
  say("result", "chdkshell is back");
  renewToken().catch(() => {});
});

show("camera");
