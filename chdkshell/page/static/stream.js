// A camera's picture: the MJPEG stream, read frame by frame, so that it is known when one came.

const PAUSE = 1000; // ms until a stream that ended is asked for again
const LINE_END = [13, 10, 13, 10];

export class Stream {
  // `onFrame` gets each frame as an ImageBitmap, `onEnd` is told that none come at the moment.
  constructor(onFrame, onEnd) {
    this.onFrame = onFrame;
    this.onEnd = onEnd;
    this.last = 0;
    this.path = "";
    this.control = null;
  }

  // Show the stream at `path` from now on; "" for none.
  show(path) {
    if (path === this.path) return;
    this.path = path;
    if (this.control) this.control.abort();
    if (path) this.run(path);
  }

  async run(path) {
    while (this.path === path) {
      this.control = new AbortController();
      try {
        await this.read(path, this.control.signal);
      } catch { /* the server is gone, or the picture is no longer wanted */ }
      if (this.path !== path) return;
      this.onEnd();
      await new Promise(done => setTimeout(done, PAUSE));
    }
  }

  async read(path, signal) {
    const response = await fetch(path, { signal });
    if (!response.ok) throw new Error(response.status);
    const reader = new Parts(response.body.getReader());
    for (;;) {
      const data = await reader.next();
      if (!data) return;
      this.last = performance.now();
      const frame = await createImageBitmap(new Blob([data], { type: "image/jpeg" }));
      this.onFrame(frame);
    }
  }
}

// The parts of a multipart body, each with a Content-Length.
class Parts {
  constructor(reader) {
    this.reader = reader;
    this.data = new Uint8Array(0);
  }

  async next() {
    let end;
    while ((end = find(this.data, LINE_END)) < 0) if (!await this.more()) return null;
    const head = new TextDecoder().decode(this.data.subarray(0, end));
    const size = Number(/content-length: *(\d+)/i.exec(head)[1]);
    const start = end + LINE_END.length;
    while (this.data.length < start + size) if (!await this.more()) return null;
    const part = this.data.slice(start, start + size);
    this.data = this.data.slice(start + size);
    return part;
  }

  async more() {
    const { done, value } = await this.reader.read();
    if (done) return false;
    const joined = new Uint8Array(this.data.length + value.length);
    joined.set(this.data);
    joined.set(value, this.data.length);
    this.data = joined;
    return true;
  }
}

function find(data, wanted) {
  for (let at = 0; at + wanted.length <= data.length; at++) {
    if (wanted.every((byte, n) => data[at + n] === byte)) return at;
  }
  return -1;
}
