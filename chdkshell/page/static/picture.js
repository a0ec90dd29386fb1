// The page with the picture alone: the first camera's screen, and a button that shoots.
import { post } from "./api.js";
import { Events, condition } from "./events.js";
import { lookText } from "./look.js";
import { Stream } from "./stream.js";

const canvas = document.getElementById("picture");
const shoot = document.getElementById("shoot");
const result = document.getElementById("result");
const status = document.getElementById("status");
const events = new Events();
const stream = new Stream(draw, () => {});

function draw(frame) {
  if (canvas.width !== frame.width || canvas.height !== frame.height) {
    canvas.width = frame.width;
    canvas.height = frame.height;
  }
  canvas.getContext("2d").drawImage(frame, 0, 0);
  frame.close();
}

function show() {
  const camera = events.room?.cameras[0];
  const [kind, text] = condition(events, camera, stream);
  canvas.className = kind === "live" ? "" : "old";
  document.title = `${camera ? `${camera.name} - ` : ""}chdkshell live view`;
  status.className = canvas.className;
  status.textContent = [text, lookText(camera)].filter(Boolean).join(" · ");
}

shoot.addEventListener("click", async () => {
  shoot.disabled = true;
  result.textContent = "taking a picture";
  try {
    result.textContent = (await post(`api/cameras/${events.room.cameras[0].camera}/shoot`)).text;
  } catch (error) {
    result.textContent = error.message;
  }
  shoot.disabled = false;
});

events.on("change", show);
setInterval(show, 500);
stream.show("stream");
