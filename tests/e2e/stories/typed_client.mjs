/** The typed client of clients/ts, built, against a real server: sends once, follows without loss, is refused in types. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

const { client, servers, users, conversations } = JSON.parse(process.env.STORY);
const { Chat, Refusal, placeOf } = await import(client);
const { alice, bob, charlie } = users;
const conversationId = conversations.private_channel;
const PATIENCE_MS = 8_000;

const opened = [];
after(() => opened.forEach((chat) => chat.close()));

function open(user, server = 0, options = {}) {
  const chat = new Chat({ url: servers[server], token: async () => user.token, ...options });
  opened.push(chat);
  return chat;
}

async function until(check, what) {
  const end = Date.now() + PATIENCE_MS;
  while (!check()) {
    assert.ok(Date.now() < end, `${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const lastPlace = async (chat) => (await chat.ask("chat:join", { conversationId })).lastSeq;
const textsOf = (events) => events.map(({ payload }) => payload.message?.message);

test("who follows hears everything once and in order, over lost connections", async () => {
  const [sender, reader] = [open(alice), open(bob, servers.length - 1)];
  const afterSeq = await lastPlace(sender);
  const heard = [];
  reader.follow(conversationId, { afterSeq, hear: (event) => heard.push(event), reload: () => assert.fail("a gap") });

  const said = [];
  for (let round = 0; round < 3; round += 1) {
    const texts = [`${round} one`, `${round} two`];
    said.push(...texts);
    for (const text of texts) await sender.send({ conversationId, text });
    await until(() => heard.length === said.length, `round ${round}`);
    reader.socket.io.engine.close(); // the network is lost
  }
  assert.deepEqual(textsOf(heard), said);
  assert.deepEqual(heard.map(placeOf), said.map((_, index) => afterSeq + 1 + index));
  assert.deepEqual(textsOf(await reader.sync(conversationId, afterSeq)), said);
});

test("a message whose answer is lost is sent again, and stored once", async () => {
  const chat = open(alice, 0, { patienceMs: 300 });
  const afterSeq = await lastPlace(chat);
  const { socket } = chat;
  const onack = socket.onack;
  let lost = 0;
  socket.onack = () => { socket.onack = onack; lost += 1; }; // the first answer never comes
  const message = await chat.send({ conversationId, text: "Once" });
  assert.deepEqual([message.message, lost], ["Once", 1]);
  assert.deepEqual(textsOf(await chat.sync(conversationId, afterSeq)), ["Once"]);
});

test("a gap is told, and the reader goes on from where it has read anew", async () => {
  const chat = open(bob);
  const lastSeq = await lastPlace(chat);
  const heard = [];
  let reloads = 0;
  const reload = async () => { reloads += 1; return lastSeq; };
  chat.follow(conversationId, { afterSeq: lastSeq + 1_000, hear: (event) => heard.push(event), reload });
  await until(() => reloads === 1, "a reload");
  await chat.send({ conversationId, text: "After the gap" });
  await until(() => heard.length === 1, "the message");
  assert.deepEqual(textsOf(heard), ["After the gap"]);
});

test("who stops following hears nothing more", async () => {
  const chat = open(alice);
  const heard = [];
  const stop = chat.follow(conversationId, { afterSeq: await lastPlace(chat), hear: (event) => heard.push(event), reload: async () => 0 });
  stop();
  await chat.send({ conversationId, text: "Unheard" });
  assert.deepEqual(heard, []);
});

test("what is refused says by which code", async () => {
  await assert.rejects(open(charlie).send({ conversationId, text: "Let me in" }), (error) => {
    assert.ok(error instanceof Refusal);
    return error.code === "not_found";
  });
});
