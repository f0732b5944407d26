/** Two hundred messages without waiting for any. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice, assertConsecutive, bob, conversations, enter, lastServer, messagesAfter, uuid,
} from "./client.mjs";

const COUNT = 200;
const conversationId = conversations.direct;

test("200 sends at once are stored, acknowledged and broadcast in that order, once", async () => {
  const [sender, receiver] = [await enter(alice), await enter(bob, { server: lastServer })];
  const texts = Array.from({ length: COUNT }, (_, number) => `message ${number}`);
  const answers = [];
  for (const text of texts) {
    const payload = { tempId: `temp_${text}`, conversationId, text, clientNonce: uuid() };
    sender.socket.emit("chat:send", payload, (answer) => answers.push(answer));
  }

  const acked = await sender.hearsAll(COUNT, "chat:ack");
  await sender.hearsAll(COUNT, "conversation_list_updated");
  await receiver.hearsAll(COUNT, "conversation_list_updated");
  const stored = await messagesAfter(sender.lastSeq);

  assert.deepEqual(acked.map(({ tempId }) => tempId), texts.map((text) => `temp_${text}`));
  assert.deepEqual(stored.map(({ message }) => message), texts);
  assertConsecutive(stored.map(({ seq }) => seq), sender.lastSeq);
  assert.deepEqual(answers.map(({ message }) => message), stored);
  for (const events of [acked, sender.of("chat:new"), receiver.of("chat:new")]) {
    assert.deepEqual(events.map(({ message }) => message), stored);
  }
  for (const client of [sender, receiver]) {
    assert.deepEqual(client.of("conversation_list_updated").map(({ message }) => message), stored);
  }
});

test("both sides at once: each one's order is kept, and both hear the same", async () => {
  const clients = [await enter(alice), await enter(bob, { server: lastServer })];
  const sent = clients.map(({ user, socket }) =>
    Array.from({ length: COUNT / 2 }, (_, number) => {
      const text = `${user.username} ${number}`;
      socket.emit("chat:send", { tempId: text, conversationId, text, clientNonce: uuid() });
      return text;
    }),
  );
  const [heard, alsoHeard] = await Promise.all(clients.map((client) => client.hearsAll(COUNT, "chat:new")));
  assert.deepEqual(heard, alsoHeard);
  assertConsecutive(heard.map(({ message }) => message.seq), clients[1].lastSeq);
  for (const [index, { user }] of clients.entries()) {
    const theirs = heard.filter(({ message }) => message.sender_id === user.id);
    assert.deepEqual(theirs.map(({ message }) => message.message), sent[index]);
  }
});
