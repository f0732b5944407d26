/** However many servers there are, they behave as one: here clients are spread over all of them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice, assertConsecutive, bob, conversations, enter, get, lastServer, messagesAfter, post, servers, signIn, uuid,
} from "./client.mjs";

const WRITERS = 12;
const MESSAGES_EACH = 10;
const conversationId = conversations.direct;
const everywhere = [...servers.keys()];
const idsHeard = (client, name) => client.of(name).map(({ message }) => message.id);

test("many writers on all servers and REST: every reader hears one order without a gap", async () => {
  const clients = await Promise.all(
    Array.from({ length: WRITERS }, (_, number) =>
      enter(number % 2 ? bob : alice, { server: Math.floor(number / 2) % servers.length }),
    ),
  );
  const before = clients[0].lastSeq;
  const sends = clients.flatMap((client, writer) =>
    Array.from({ length: MESSAGES_EACH }, (_, number) => {
      const text = `${writer}: ${number}`;
      return client.ask("chat:send", { tempId: `temp ${text}`, conversationId, text, clientNonce: uuid() });
    }),
  );
  const posts = everywhere.flatMap((server) =>
    Array.from({ length: MESSAGES_EACH }, (_, number) => {
      const message = `REST ${server}: ${number}`;
      return post(alice, "/api/messages", { conversation_id: conversationId, message }, { server });
    }),
  );
  const acknowledged = [...(await Promise.all(sends)), ...(await Promise.all(posts))].map(({ message }) => message.id);
  const total = acknowledged.length;

  const stored = await messagesAfter(before);
  assertConsecutive(stored.map(({ seq }) => seq), before);
  assert.deepEqual(stored.map(({ id }) => id).sort(), [...acknowledged].sort());
  for (const client of clients) {
    await client.hearsAll(total, "chat:new");
    assert.deepEqual(idsHeard(client, "chat:new"), stored.map(({ id }) => id));
    await client.hearsAll(total, "conversation_list_updated");
    assert.deepEqual(idsHeard(client, "conversation_list_updated"), stored.map(({ id }) => id));
  }
  for (const writer of clients.keys()) {
    const mine = stored.filter(({ message }) => message.startsWith(`${writer}: `)).map(({ message }) => message);
    assert.deepEqual(mine, Array.from({ length: MESSAGES_EACH }, (_, number) => `${writer}: ${number}`));
  }
});

test("rooms, receipts and typing reach across, in every direction", async () => {
  for (const here of everywhere) {
    const there = (here + 1) % servers.length;
    const [writer, reader] = [await enter(alice, { server: here }), await enter(bob, { server: there })];
    writer.socket.emit("typing_start", { conversationId, userId: alice.id });
    assert.equal((await reader.hears("user_typing")).isTyping, true);
    writer.socket.emit("typing_stop", { conversationId, userId: alice.id });
    await reader.hears("user_typing", ({ isTyping }) => !isTyping);
    const { id } = await writer.say(`from server ${here}`);
    assert.equal((await reader.hears("chat:new")).message.id, id);
    reader.socket.emit("chat:read", { conversationId, messageIds: [id] });
    assert.deepEqual((await writer.hears("chat:read")).messageIds, [id]);
  }
});

test("REST to sockets and back, on any two servers", async () => {
  for (const here of everywhere) {
    for (const there of everywhere) {
      const reader = await enter(bob, { server: there });
      const sent = { conversation_id: conversationId, message: "by REST" };
      const { message } = await post(alice, "/api/messages/", sent, { server: here });
      assert.deepEqual((await reader.hears("chat:new")).message, message);
      const reply = await reader.say("by socket", { replyToId: message.id });
      const path = `/api/messages/conversations/${conversationId}/messages?page=1&limit=2`;
      assert.deepEqual((await get(alice, path, { server: here })).messages, [message, reply]);
      assert.equal(reply.reply_to_id, message.id);
    }
  }
});

test("a conversation that REST opens on one server is alive on all", async () => {
  const [owner, member] = [await signIn(alice), await signIn(bob, { server: lastServer })];
  const channel = { type: "channel", participant_ids: [bob.id], title: `Launch ${uuid()}`, is_public: false };
  const { conversation, is_existing } = await post(alice, "/api/messages/conversations", channel);
  assert.equal(is_existing, false);

  assert.equal((await member.join(conversation.id)).lastSeq, (await owner.join(conversation.id)).lastSeq);
  const { id } = await owner.say("first", { conversationId: conversation.id });
  assert.equal((await member.hears("chat:new")).message.id, id);
  const update = await member.hears("conversation_list_updated", ({ message }) => message?.id === id);
  assert.equal(update.action, "message_received");
});

test("a direct conversation is one, whoever opens it and where", async () => {
  const opened = await Promise.all(
    everywhere.flatMap((server) =>
      [[alice, bob], [bob, alice]].map(([user, other]) =>
        post(user, "/api/messages/conversations", { type: "direct", receiver_id: other.id }, { server }),
      ),
    ),
  );
  for (const { conversation, is_existing } of opened) {
    assert.equal(conversation.id, conversationId);
    assert.equal(is_existing, true);
  }
});
