// What the page computes from pixels: histograms, clipping, focus peaking.

const BINS = 256;
const CLIPPED = 250;
const DARK = 5;
const EDGE = 60;

export const luma = (r, g, b) => (77 * r + 150 * g + 29 * b) >> 8;

// Count brightness and colours: four lists of 256 counts.
export function counts(pixels) {
  const found = { luma: new Uint32Array(BINS), red: new Uint32Array(BINS), green: new Uint32Array(BINS), blue: new Uint32Array(BINS) };
  for (let at = 0; at < pixels.length; at += 4) {
    const r = pixels[at], g = pixels[at + 1], b = pixels[at + 2];
    found.luma[luma(r, g, b)]++;
    found.red[r]++;
    found.green[g]++;
    found.blue[b]++;
  }
  return found;
}

export function drawHistogram(canvas, pixels) {
  const found = counts(pixels), pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.globalCompositeOperation = "lighter";
  const colours = { luma: "#777", red: "#a00", green: "#080", blue: "#22a" };
  // single values that tower over all others would hide them
  const top = Math.max(1, ...[...found.luma].sort((a, b) => b - a).slice(2, 3), 1);
  for (const [name, colour] of Object.entries(colours)) {
    pen.fillStyle = colour;
    found[name].forEach((count, at) => {
      const height = Math.min(1, count / top) * canvas.height;
      pen.fillRect(at * canvas.width / BINS, canvas.height - height, canvas.width / BINS, height);
    });
  }
}

// Draw what is clipped (red: bright, blue: dark) and what is sharp (green) over the picture.
export function drawMarks(pen, image, { clipping, peaking }) {
  const { width, height, data } = image;
  const out = pen.createImageData(width, height);
  const light = peaking ? brightness(data, width * height) : null;
  for (let at = 0; at < width * height; at++) {
    const from = at * 4;
    if (clipping) {
      const r = data[from], g = data[from + 1], b = data[from + 2];
      if (r >= CLIPPED && g >= CLIPPED && b >= CLIPPED) paint(out.data, from, 255, 0, 0);
      else if (r <= DARK && g <= DARK && b <= DARK) paint(out.data, from, 0, 80, 255);
    }
    if (peaking && at >= width && at % width && at < width * (height - 1)) {
      const across = Math.abs(light[at + 1] - light[at - 1]);
      const down = Math.abs(light[at + width] - light[at - width]);
      if (across + down > EDGE) paint(out.data, from, 0, 255, 90);
    }
  }
  pen.putImageData(out, 0, 0);
}

function brightness(data, count) {
  const light = new Uint8Array(count);
  for (let at = 0; at < count; at++) light[at] = luma(data[at * 4], data[at * 4 + 1], data[at * 4 + 2]);
  return light;
}

function paint(data, at, r, g, b) {
  data[at] = r;
  data[at + 1] = g;
  data[at + 2] = b;
  data[at + 3] = 230;
}

export function drawLines(pen, width, height) {
  pen.strokeStyle = "rgba(255, 255, 255, .6)";
  pen.lineWidth = 1;
  pen.beginPath();
  for (const part of [1 / 3, 2 / 3]) {
    pen.moveTo(width * part, 0);
    pen.lineTo(width * part, height);
    pen.moveTo(0, height * part);
    pen.lineTo(width, height * part);
  }
  pen.stroke();
}
