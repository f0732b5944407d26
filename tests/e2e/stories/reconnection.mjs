/** Whoever was away hears what was said meanwhile: all of it, once, in order. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice, assertConsecutive, assertHasKeys, bob, conversations, enter, get, lastServer, seqOf, signIn,
} from "./client.mjs";

const conversationId = conversations.direct;
const away = { server: lastServer };

const logged = ({ heard }) => heard.filter(({ name }) => name === "chat:new" || name === "chat:read");

async function sayMany(client, count, what) {
  const said = [];
  for (let number = 0; number < count; number += 1) said.push(client.say(`${what} ${number}`));
  return Promise.all(said);
}

test("a join with afterSeq replays what was missed, in order, before chat:joined", async () => {
  const [sender, receiver, witness] = [await enter(alice), await enter(bob, away), await enter(alice, away)];
  const { id, seq } = await receiver.say("I am off");
  receiver.socket.disconnect();
  await sayMany(sender, 3, "missed");
  await sender.ask("chat:read", { conversationId, upToMessageId: id });
  await sayMany(sender, 2, "missed after a receipt");
  await witness.reaches(seq + 6); // the server to which bob will come back knows it all
  const told = logged(witness).filter((event) => seqOf(event) > seq);

  const back = await signIn(bob, away);
  back.forget();
  const joined = await back.join(conversationId, { afterSeq: seq });
  assert.deepEqual(back.order(), [...Array(3).fill("chat:new"), "chat:read", "chat:new", "chat:new", "chat:joined"]);
  assert.deepEqual(logged(back), told);
  assertConsecutive(logged(back).map(seqOf), seq);
  assert.equal(joined.lastSeq, seq + 6);
  assert.ok(!joined.gap);
});

test("a client that reconnects by itself hears all that others keep writing, once", async () => {
  const sender = await enter(alice);
  const receiver = await enter(bob, { ...away, reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 20 });
  const before = receiver.lastSeq;
  let latest = before;
  receiver.socket.on("chat:new", ({ message }) => {
    latest = message.seq;
  });
  receiver.socket.on("connect", () => {
    receiver.socket.emit("authenticate", { token: bob.token });
    receiver.socket.emit("chat:join", { conversationId, afterSeq: latest });
  });

  const writing = (async () => {
    for (let round = 0; round < 10; round += 1) await sayMany(sender, 6, `round ${round}`);
  })();
  for (let drop = 0; drop < 3; drop += 1) {
    await receiver.hearsAll(3 + 12 * drop, "chat:new");
    receiver.socket.io.engine.close(); // the network is lost
    await receiver.hearsAll(1 + drop, "disconnect");
    await receiver.hearsAll(1 + drop, "chat:joined");
  }
  await writing;
  await receiver.hears("chat:new", ({ message }) => message.message === "round 9 5");
  assertConsecutive(receiver.of("chat:new").map(({ message }) => message.seq), before);
  assert.equal(receiver.of("chat:new").length, 60);
});

test("a join after the newest place replays nothing", async () => {
  const client = await signIn(alice);
  const { lastSeq } = await client.join();
  client.forget();
  const joined = await client.join(conversationId, { afterSeq: lastSeq });
  assert.deepEqual(client.order(), ["chat:joined"]);
  assert.deepEqual(joined, { conversationId, lastSeq });
});

test("a place beyond the log is a gap", async () => {
  const client = await enter(alice);
  const beyond = client.lastSeq + 1000;
  const joined = await client.join(conversationId, { afterSeq: beyond });
  assert.equal(joined.gap, true);
  assert.equal(joined.lastSeq, client.lastSeq);
  assert.deepEqual(client.order(), ["chat:joined"]);
  const synced = await client.ask("chat:sync", { conversationId, afterSeq: beyond });
  assert.equal(synced.ok, true);
  assert.equal(synced.gap, true);
  assert.deepEqual(synced.events, []);
});

test("chat:sync tells the log as it was emitted live, page by page, joined or not", async () => {
  const [sender, reader] = [await enter(alice), await signIn(bob, away)];
  await sayMany(sender, 5, "to be synced");
  const live = await sender.hearsAll(5, "chat:new");
  const expected = live.map((payload) => ({ seq: payload.message.seq, event: "chat:new", payload }));

  const whole = await reader.ask("chat:sync", { conversationId, afterSeq: sender.lastSeq });
  assertHasKeys(whole, ["ok", "events", "lastSeq", "gap", "hasMore"]);
  assert.deepEqual(whole, { ok: true, events: expected, lastSeq: sender.lastSeq + 5, gap: false, hasMore: false });

  const first = await reader.ask("chat:sync", { conversationId, afterSeq: sender.lastSeq, limit: 3 });
  assert.equal(first.hasMore, true);
  const rest = await reader.ask("chat:sync", { conversationId, afterSeq: first.events.at(-1).seq, limit: 3 });
  assert.equal(rest.hasMore, false);
  assert.deepEqual([...first.events, ...rest.events], expected);

  const path = `/api/messages/conversations/${conversationId}/events?after_seq=${sender.lastSeq}`;
  const { events, last_seq, gap, has_more } = await get(bob, path, away);
  assert.deepEqual({ events, last_seq, gap, has_more }, {
    events: expected, last_seq: sender.lastSeq + 5, gap: false, has_more: false,
  });
});
