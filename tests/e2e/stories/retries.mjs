/** socket.io-client's own `retries`, across a server that dies between the message and its acknowledgement. */

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { io } from "socket.io-client";
import { alice, conversations, lastSeq, messagesAfter, pid, servers, transport, uuid } from "./client.mjs";

const TRANSPORTS = { websocket: ["websocket"], polling: ["polling"], upgrade: ["polling", "websocket"] };
const conversationId = conversations.direct;

/** A relay before a server: what the server says can be held back, and another server put in its place. */
async function relay(url) {
  const held = { target: new URL(url), isMute: false };
  const server = net.createServer((client) => {
    const { hostname, port } = held.target;
    const upstream = net.connect(Number(port), hostname);
    client.pipe(upstream);
    upstream.on("data", (data) => held.isMute || client.write(data));
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { held, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

test("what was sent again over another server is stored once", async () => {
  const [survivor, doomed] = [servers[0], servers.at(-1)];
  const before = await lastSeq();
  const { held, url, close } = await relay(doomed);
  const socket = io(url, {
    transports: TRANSPORTS[transport], auth: { token: alice.token }, retries: 20, ackTimeout: 300, reconnectionDelay: 50,
  });
  await once(socket, "authenticated");

  held.isMute = true;
  const clientNonce = uuid();
  const answered = new Promise((resolve, reject) => {
    const payload = { conversationId, text: "Did it arrive?", clientNonce };
    socket.emit("chat:send", payload, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
  for (;;) if ((await lastSeq()) > before) break;
  process.kill(pid, "SIGKILL");
  held.target = new URL(survivor);
  held.isMute = false;

  const answer = await answered;
  assert.equal(answer.ok, true);
  assert.equal(answer.duplicate, true);
  const stored = await messagesAfter(before);
  assert.deepEqual(stored.map(({ id, message }) => [id, message]), [[answer.message.id, "Did it arrive?"]]);
  socket.disconnect();
  close();
});
