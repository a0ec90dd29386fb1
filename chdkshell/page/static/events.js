// What the server tells as it happens. `room` is what is known of it; listeners are told of changes.

const SILENCE = 3500; // ms without a word of the server until it is taken for gone

export class Events {
  constructor() {
    this.room = null;
    this.gone = false;
    this.heard = performance.now();
    this.listeners = {};
    this.source = null;
    this.open();
    setInterval(() => this.check(), 500);
  }

  // Call `listener` with the value of each event of a kind; "change" after anything changed.
  on(kind, listener) {
    (this.listeners[kind] ||= []).push(listener);
  }

  tell(kind, value) {
    for (const listener of this.listeners[kind] || []) listener(value);
  }

  // What the picture of a camera is, in one word.
  stream(camera) {
    return this.gone ? "server gone" : camera.stream === "idle" ? "live" : camera.stream;
  }

  // Say what has happened at a camera, with its name where there are several.
  told(value, text) {
    const camera = this.camera(value.camera);
    return camera && this.room.cameras.length > 1 ? `${this.name(camera)}: ${text}` : text;
  }

  camera(number) {
    return this.room?.cameras.find(camera => camera.camera === number);
  }

  // What a camera is called: in its rig, or by its model, with its number where others are there.
  name(camera) {
    if (!camera) return "";
    const alone = this.room.cameras.length < 2 || camera.name !== camera.model;
    return alone ? camera.name : `${camera.camera} ${camera.model}`;
  }

  open() {
    if (this.source) this.source.close();
    this.source = new EventSource("api/events");
    const kinds = ["room", "state", "holder", "beat", "shot", "transfer", "problem", "back", "sequence", "script"];
    for (const kind of kinds) {
      this.source.addEventListener(kind, event => this.receive(kind, JSON.parse(event.data)));
    }
  }

  receive(kind, value) {
    this.heard = performance.now();
    const returned = this.gone;
    this.gone = false;
    if (kind === "room") this.room = value;
    if (kind === "state" && this.room) {
      const at = this.room.cameras.findIndex(camera => camera.camera === value.camera);
      if (at >= 0) this.room.cameras[at] = value;
    }
    this.tell(kind, value);
    if (returned) this.tell("returned", value);
    this.tell("change", this.room);
  }

  check() {
    if (performance.now() - this.heard < SILENCE) return;
    if (!this.gone) {
      this.gone = true;
      this.tell("gone", null);
      this.tell("change", this.room);
    }
    // A browser gives up where a proxy or another program answers meanwhile.
    this.heard = performance.now() - SILENCE + 2000;
    this.open();
  }
}

// What the picture of a camera is at the moment, in one word and in words for people.
export function condition(events, camera, stream) {
  if (events.gone) return ["gone", "the server is gone: looking for it"];
  if (!camera) return ["gone", "connecting"];
  if (camera.stream === "gone") return ["gone", `camera gone, looking for it: ${camera.trouble}`];
  const age = performance.now() - stream.last;
  if (camera.stream === "frozen" || age > 2500) {
    return ["frozen", camera.trouble ? `frozen: ${camera.trouble}` : "frozen"];
  }
  return ["live", `live ${camera.fps.toFixed(1)} fps`];
}
