/** A server that allows little: three sends an hour, two connections a user, three an address, five passwords a minute. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, bob, charlie, conversations, enter, open, rest, staff, transport } from "./client.mjs";

const NO_CONNECTION = transport === "websocket" ? "websocket error" : "xhr poll error";
/** Tries again, as socket.io-client does by itself: the connections of the test before may not have ended yet. */
const withToken = (user) => open(user, { auth: { token: user.token }, reconnection: true });

test("who sends too often is told when to come back; others go on", async () => {
  const [client, other] = [await enter(alice), await enter(bob)];
  for (const text of ["one", "two", "three"]) await client.say(text);

  const payload = { conversationId: conversations.direct, text: "four", tempId: "temp_four" };
  const { retryAfter } = await client.expectRefusal("rate_limited", "chat:send", payload);
  assert.ok(retryAfter > 0 && retryAfter <= 1200);
  const told = await client.hears("chat:error");
  assert.deepEqual([told.code, told.tempId, told.retryAfter], ["rate_limited", "temp_four", retryAfter]);

  const { status, body } = await rest(alice, "POST", "/api/messages", { receiver_id: bob.id, message: "four" });
  assert.deepEqual([status, body.code], [429, "rate_limited"]);

  await other.say("mine");
  assert.deepEqual(other.of("chat:new").map(({ message }) => message.message), ["one", "two", "three", "mine"]);
});

test("a user's third connection is refused in words, and not tried again", async () => {
  await Promise.all([withToken(staff), withToken(staff)].map((client) => client.hears("authenticated")));
  const third = withToken(staff);
  const error = await third.hears("connect_error", ({ data }) => data);
  assert.equal(error.message, "Too many requests");
  assert.deepEqual(error.data, { code: "rate_limited", retryAfter: 10 });
  assert.equal(third.socket.active, false);
});

test("an address with too many connections tries again by itself", async () => {
  const clients = [alice, bob, charlie].map(withToken);
  await Promise.all(clients.map((client) => client.hears("authenticated")));
  const fourth = withToken(bob);
  assert.equal((await fourth.hears("connect_error")).message, NO_CONNECTION);
  clients[0].socket.disconnect();
  await fourth.hears("authenticated");
});

test("passwords can't be tried for long", async () => {
  const statuses = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const { status } = await rest(alice, "POST", "/api/token", { username: "alice", password: "wrong" });
    statuses.push(status);
  }
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
});
