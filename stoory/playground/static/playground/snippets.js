/** A frame that went out, as a program that sends it: in JavaScript, in Python, or by curl. The token stays out. */

const origin = () => location.origin;

export const LANGUAGES = {
  socket: { JavaScript: javascript, Python: python, curl: logByCurl },
  rest: { JavaScript: fetchJavaScript, Python: requestPython, curl },
};

function handshake(family) {
  if (family === "chat") return {};
  return family === "workspace" ? { path: "/api/socket.io", auth: { token: "TOKEN" } } : { auth: { token: "TOKEN" } };
}

function javascript({ family, name, payload }) {
  const options = Object.keys(handshake(family)).length ? `, ${JSON.stringify(handshake(family))}` : "";
  const signIn = family === "chat" && name !== "authenticate" ? ['await socket.emitWithAck("authenticate", { token: "TOKEN" });'] : [];
  return [
    'import { io } from "socket.io-client"; // npm install socket.io-client',
    "",
    `const socket = io(${JSON.stringify(origin())}${options});`,
    "socket.onAny((name, payload) => console.log(name, payload));",
    ...signIn,
    `console.log(await socket.emitWithAck(${JSON.stringify(name)}, ${JSON.stringify(payload, null, 2)}));`,
    "",
  ].join("\n");
}

function python({ family, name, payload }) {
  const { path, auth } = handshake(family);
  const options = [auth && `auth=${literal(auth)}`, path && `socketio_path=${literal(path)}`].filter(Boolean);
  const signIn = family === "chat" && name !== "authenticate" ? ['    client.call("authenticate", {"token": "TOKEN"})'] : [];
  return [
    'import socketio  # pip install "python-socketio[client]"',
    "",
    "with socketio.SimpleClient() as client:",
    `    client.connect(${[literal(origin()), ...options].join(", ")})`,
    ...signIn,
    `    print(client.call(${literal(name)}, ${literal(payload)}))`,
    "",
  ].join("\n");
}

/** What a socket says has no curl; what came of it is in the log. */
function logByCurl({ payload, name }) {
  const id = payload?.conversationId ?? payload?.channelId ?? (typeof payload === "string" ? payload : "CONVERSATION");
  const about = `# ${name} is a frame of a socket. What the conversation's log holds of it:`;
  return `${about}\ncurl '${origin()}/api/messages/conversations/${id}/events' -H 'Authorization: Bearer TOKEN'\n`;
}

function curl({ name, payload, headers }) {
  const [method, path] = name.split(" ");
  const parts = [`curl -X ${method} ${quoted(origin() + path)}`, "-H 'Authorization: Bearer TOKEN'"];
  for (const [header, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${header}: ${value}`)}`);
  if (payload !== undefined) parts.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(payload))}`);
  return `${parts.join(" \\\n  ")}\n`;
}

function fetchJavaScript({ name, payload, headers }) {
  const [method, path] = name.split(" ");
  const all = { Authorization: "Bearer TOKEN", ...(payload === undefined ? {} : { "Content-Type": "application/json" }), ...headers };
  const body = payload === undefined ? "" : `\n  body: JSON.stringify(${JSON.stringify(payload)}),`;
  return [
    `const response = await fetch(${JSON.stringify(origin() + path)}, {`,
    `  method: ${JSON.stringify(method)},`,
    `  headers: ${JSON.stringify(all)},${body}`,
    "});",
    "console.log(response.status, await response.json());",
    "",
  ].join("\n");
}

function requestPython({ name, payload, headers }) {
  const [method, path] = name.split(" ");
  const all = { Authorization: "Bearer TOKEN", "Content-Type": "application/json", ...headers };
  const data = payload === undefined ? "" : `, data=json.dumps(${literal(payload)}).encode()`;
  return [
    "import json",
    "from urllib.request import Request, urlopen",
    "",
    `request = Request(${literal(origin() + path)}, method=${literal(method)}${data}, headers=${literal(all)})`,
    "print(json.load(urlopen(request)))",
    "",
  ].join("\n");
}

/** A value as Python writes it; its texts are as JSON writes them. */
function literal(value) {
  if (value === undefined || value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value).filter(([, each]) => each !== undefined).map(([key, each]) => `${JSON.stringify(key)}: ${literal(each)}`).join(", ")}}`;
}

/** A text as one word of a shell. */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
