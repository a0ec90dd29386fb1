// What every part of the page uses: finding elements, making them, and saying how a call went.
// Texts of cameras only become text: nothing here makes HTML of them.

export const $ = id => document.getElementById(id);

export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element && key !== "list") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

export function say(id, text, failed = false) {
  if ($(id).textContent !== text) $(id).textContent = text;
  $(id).classList.toggle("failed", failed);
}

// Take back what was refused: something has been done since, and it may be so no more.
export function forgetRefusals() {
  for (const said of document.querySelectorAll(".said")) said.textContent = "";
  if ($("result").classList.contains("failed")) say("result", "");
}

// Let a control be used, or not, for a reason that it shows.
export function allow(element, reason = "") {
  element.disabled = Boolean(reason);
  element.title = reason;
}

// Make a call, with the button of it disabled meanwhile, and say what it answers or why not.
export async function attempt(id, work, button = null) {
  if (button) button.disabled = true;
  try {
    const answer = await work();
    say(id, answer?.text ?? "");
    return answer;
  } catch (error) {
    say(id, error.message, true);
    return null;
  } finally {
    if (button) button.disabled = false;
  }
}

export function pressed(button, on) {
  button.setAttribute("aria-pressed", String(on));
}
