// The calls of the API. A call that fails throws a Refused, whose message is for people.

const CLIENT = clientName();
const HELD = 423; // another client holds the controls
let token = "";

export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

function clientName() {
  const known = sessionStorage.getItem("client");
  const made = known || Array.from(crypto.getRandomValues(new Uint8Array(8)), n => n.toString(16)).join("");
  sessionStorage.setItem("client", made);
  return made;
}

async function answer(response) {
  if (response.ok) return response.json();
  let text = `the server answers ${response.status}`;
  try {
    const refusal = await response.json();
    // who makes calls by hand is told of the call, and here there is a button
    const detail = response.status === HELD ? "Take the controls is at the top" : refusal.detail;
    text = [refusal.error, detail].filter(Boolean).join("; ");
  } catch { /* it says nothing more */ }
  throw new Refused(response.status, text);
}

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refused(0, "chdkshell does not answer");
  }
  return answer(response);
}

export function get(path) {
  return ask(path, { headers: { "X-Chdkshell-Client": CLIENT } });
}

export async function renewToken() {
  token = (await get("api/session")).token;
}

// Send a call that changes something. After a restart of the server the token is another one.
export async function post(path, body = {}) {
  if (!token) await renewToken();
  try {
    return await send(path, body);
  } catch (error) {
    if (error.status !== 403) throw error;
    await renewToken();
    return send(path, body);
  }
}

function send(path, body) {
  const headers = {
    "Content-Type": "application/json",
    "X-Chdkshell-Token": token,
    "X-Chdkshell-Client": CLIENT,
  };
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) });
}

export function ownClient() {
  return CLIENT;
}
