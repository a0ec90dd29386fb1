// Shortcuts. They are off while somebody types into a field.
import { $, make } from "./dom.js";

const ARROWS = { Up: "↑", Down: "↓", Left: "←", Right: "→" };
const keyText = key => key.replace(/Arrow(\w+)/, (_, way) => ARROWS[way]);

export class Keyboard {
  constructor(parts) {
    const { shooting, controls, view, show } = parts;
    const click = key => () => controls.press(key);
    const tool = name => () => view.toggle(name);
    const step = (field, by) => () => {
      const element = controls.elements[field];
      if (element.disabled) return;
      if (element.tagName === "SELECT") element.selectedIndex = Math.min(Math.max(element.selectedIndex + by, 0), element.options.length - 1);
      else element.value = Number(element.value) + by;
      element.dispatchEvent(new Event("change"));
    };
    this.shortcuts = [
      ["s", "take a picture", () => shooting.shoot()],
      ["h", "hold the shutter half down, as long as the key is held", () => shooting.hold(), () => shooting.release()],
      ["+", "zoom in", step("zoom", 1)],
      ["-", "zoom out", step("zoom", -1)],
      ["r", "record or play mode", () => step("record", controls.elements.record.selectedIndex ? -1 : 1)()],
      ["[", "shorter shutter time", step("shutter", -1)],
      ["]", "longer shutter time", step("shutter", 1)],
      [",", "lower ISO", step("iso", -1)],
      [".", "higher ISO", step("iso", 1)],
      ["ArrowUp", "the camera's up key", click("up")],
      ["ArrowDown", "the camera's down key", click("down")],
      ["ArrowLeft", "the camera's left key", click("left")],
      ["ArrowRight", "the camera's right key", click("right")],
      ["m", "the camera's menu key", click("menu")],
      ["d", "the camera's display key", click("display")],
      ["e", "the camera's set key", click("set")],
      ["o", "overlay", tool("overlay")],
      ["i", "histogram", tool("histogram")],
      ["c", "clipping", tool("clipping")],
      ["p", "focus peaking", tool("peaking")],
      ["g", "grid", tool("lines")],
      ["z", "magnifier", tool("magnifier")],
      ["Shift+ArrowUp", "magnifier up", () => view.move(0, -1)],
      ["Shift+ArrowDown", "magnifier down", () => view.move(0, 1)],
      ["Shift+ArrowLeft", "magnifier left", () => view.move(-1, 0)],
      ["Shift+ArrowRight", "magnifier right", () => view.move(1, 0)],
      ["f", "full screen", () => view.fullscreen()],
      ["1", "camera", () => show("camera")],
      ["2", "pictures", () => show("gallery")],
      ["3", "sequences", () => show("sequences")],
      ["4", "scripts", () => show("scripts")],
      ["?", "these shortcuts", () => show("keys")],
    ];
    this.release = new Map();
    for (const [key, text] of this.shortcuts) $("shortcuts").append(make("dt", {}, keyText(key)), make("dd", {}, text));
    addEventListener("keydown", event => this.down(event));
    addEventListener("keyup", event => this.up(event));
  }

  down(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest("input, select, textarea, pre, dialog")) return;
    const pressed = event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key;
    const found = this.shortcuts.find(([key]) => key === pressed);
    if (!found) return;
    event.preventDefault();
    if (found[3]) this.release.set(event.key, found[3]);
    found[2]();
  }

  up(event) {
    this.release.get(event.key)?.();
    this.release.delete(event.key);
  }
}
