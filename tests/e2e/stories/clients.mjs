/** Every published client that speaks the protocol, by each way to connect; and the one that does not. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { alice, bob, conversations, get, messagesAfter, servers, uuid } from "./client.mjs";

const CLIENTS = { "3.1.3": "socket.io-client-3.1", "4.0.2": "socket.io-client-4.0", "4.7.5": "socket.io-client-4.7" };
const WAYS = { websocket: { transports: ["websocket"] }, polling: { transports: ["polling"] }, upgrade: {} };
const NEWEST = "socket.io-client";
const conversationId = conversations.direct;

const published = async (name) => {
  const module = await import(name);
  return module.io ?? module.default.io ?? module.default;
};
const connect = (io, options) => io(servers[0], { forceNew: true, reconnection: false, ...options });
const ask = (socket, name, payload) => new Promise((resolve) => socket.emit(name, payload, resolve));
const hears = async (socket, name) => (await once(socket, name))[0];

/** Connect, authenticate by event, and join. */
async function enter(io, user, options) {
  const socket = connect(io, options);
  const greeted = hears(socket, "authenticated");
  socket.emit("authenticate", { token: user.token });
  assert.deepEqual(await greeted, { userId: user.id });
  const joined = await ask(socket, "chat:join", { conversationId });
  assert.equal(joined.ok, true);
  return { socket, lastSeq: joined.lastSeq };
}

/** Two people talk: what one sends is acknowledged, heard by the other, and stored. */
async function talk(io, options) {
  const [{ socket: sender }, { socket: receiver }] = await Promise.all([alice, bob].map((user) => enter(io, user, options)));
  const text = `From ${uuid()}`;
  const heard = new Promise((resolve) => {
    receiver.on("chat:new", ({ message }) => message.message === text && resolve(message));
  });
  const acked = hears(sender, "chat:ack");
  const tempId = `temp_${uuid()}`;
  const answer = await ask(sender, "chat:send", { conversationId, tempId, text, clientNonce: uuid() });
  assert.equal(answer.ok, true);
  assert.equal((await acked).tempId, tempId);
  assert.deepEqual(await heard, answer.message);

  const { messages } = await get(bob, `/api/messages/conversations/${conversationId}/messages?limit=1`);
  assert.equal(messages[0].id, answer.message.id);
  const history = await ask(receiver, "chat:sync", { conversationId, afterSeq: answer.message.seq - 1 });
  assert.equal(history.events[0].payload.message.id, answer.message.id);
  if (!options.transports) assert.equal(sender.io.engine.transport.name, "websocket");
  for (const socket of [sender, receiver]) socket.disconnect();
}

for (const [version, name] of Object.entries({ ...CLIENTS, "4.8.4": NEWEST })) {
  for (const [way, options] of Object.entries(WAYS)) {
    test(`socket.io-client ${version} by ${way}`, async () => talk(await published(name), options));
  }
}

for (const [way, options] of Object.entries(WAYS)) {
  test(`socket.io-client 2.5.0 by ${way} is refused at once`, async () => {
    const socket = connect(await published("socket.io-client-2.5"), options);
    const error = await hears(socket, "connect_error");
    assert.match(String(error.message ?? error), /(xhr poll|websocket) error/);
    if (way === "polling") assert.equal(error.description, 400);
    assert.equal(socket.connected, false);
    socket.close();
  });
}

test("an old client's developer reads what is missing", async () => {
  const response = await fetch(`${servers[0]}/socket.io/?EIO=3&transport=polling`);
  assert.equal(response.status, 400);
  assert.match(await response.text(), /Unsupported protocol version.*socket\.io-client 3 or newer/);
});

test("a burst by polling is acknowledged whole, by every client", async () => {
  for (const name of [...Object.values(CLIENTS), NEWEST]) {
    const { socket, lastSeq } = await enter(await published(name), alice, WAYS.polling);
    const texts = Array.from({ length: 50 }, (_, index) => `${name} ${index}`);
    const answers = await Promise.all(
      texts.map((text) => ask(socket, "chat:send", { conversationId, text, clientNonce: uuid() })),
    );
    assert.deepEqual(answers.map(({ ok, message }) => ok && message.message), texts);
    assert.deepEqual((await messagesAfter(lastSeq)).map(({ message }) => message).slice(-50), texts);
    socket.disconnect();
  }
});
