/** Seed 000, from its first line to its last. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ISO, MESSAGE_KEYS, alice, assertHasKeys, bob, charlie, conversations, enter, expectSilence, fence, get, lastSeq,
  lastServer, messagesAfter, open, post, rest, servers, staff, transport, uuid,
} from "./client.mjs";

const conversationId = conversations.direct;
const away = { server: lastServer }; // where there are two servers, the other party is on the second

function optimistic(text) {
  return {
    tempId: `temp_${Date.now()}_${uuid()}`,
    conversationId,
    text,
    attachments: null,
    metadata: null,
    clientNonce: uuid(),
  };
}

test("connect and authenticate, then join", async () => {
  const client = open(alice);
  const { socket } = client;
  socket.emit("authenticate", { token: alice.token });
  const userId = await new Promise((resolve) => socket.on("authenticated", ({ userId }) => resolve(userId)));
  assert.equal(userId, alice.id);

  socket.emit("chat:join", { conversationId });
  const joined = await new Promise((resolve) => socket.on("chat:joined", resolve));
  assert.equal(joined.conversationId, conversationId);
  assert.equal(joined.lastSeq, await lastSeq());
  assert.deepEqual(client.order(), ["connect", "authenticated", "chat:joined"]);
});

const upgrading = { skip: transport !== "upgrade" };
test("the default client upgrades from polling to websocket, and is heard on both", upgrading, async () => {
  const sender = await enter(alice);
  const { engine } = sender.socket.io;
  await sender.say("maybe by polling");
  if (engine.transport.name !== "websocket") await new Promise((resolve) => engine.once("upgrade", resolve));
  assert.equal(engine.transport.name, "websocket");
  await sender.say("by websocket");
  const heard = await sender.hearsAll(2, "chat:new");
  assert.deepEqual(heard.map(({ message }) => message.message), ["maybe by polling", "by websocket"]);
});

test("send a direct message: the order of events on each socket", async () => {
  const [sender, receiver] = [await enter(alice), await enter(bob, away)];
  const payload = optimistic("Hello, Bob 👋");
  sender.socket.emit("chat:send", payload);

  const sent = await sender.hears("conversation_list_updated");
  assert.deepEqual(sender.order(), ["chat:ack", "chat:new", "conversation_list_updated"]);
  const received = await receiver.hears("conversation_list_updated");
  assert.deepEqual(receiver.order(), ["chat:new", "conversation_list_updated"]);

  const [{ tempId, message }] = sender.of("chat:ack");
  assert.equal(tempId, payload.tempId);
  assertHasKeys(message, [...MESSAGE_KEYS, "message_type", "attachment_metadata", "seq"]);
  assert.equal(message.conversation_id, conversationId);
  assert.equal(message.sender_id, alice.id);
  assert.equal(message.receiver_id, bob.id);
  assert.equal(message.message, "Hello, Bob 👋");
  assert.equal(message.message_type, "user_input");
  assert.equal(message.attachment_metadata, null);
  assert.equal(message.seen, false);
  assert.match(message.created_at, ISO);
  assert.equal(message.seq, sender.lastSeq + 1);

  assert.deepEqual(sender.of("chat:new"), [{ message }]);
  assert.deepEqual(receiver.of("chat:new"), [{ message }]);
  assert.deepEqual(sent, { conversation_id: conversationId, message, action: "message_sent" });
  assert.deepEqual(received, { conversation_id: conversationId, message, action: "message_received" });
});

test("attachments are metadata, and need no text", async () => {
  const [sender, receiver] = [await enter(alice), await enter(bob, away)];
  const attachments = { url: "https://files.example/cat.png", type: "image/png", size: 1024 };
  sender.socket.emit("chat:send", { ...optimistic(""), attachments, metadata: { mood: "fine" } });
  const { message } = await receiver.hears("chat:new");
  assert.equal(message.message, "");
  assert.deepEqual(message.attachment_metadata, attachments);
  assert.deepEqual(message.metadata, { mood: "fine" });
});

test("who has not joined still hears that the list changed, and who has left does", async () => {
  const [sender, receiver] = [await enter(alice), await enter(bob, away)];
  assert.deepEqual(await receiver.ask("chat:leave", { conversationId }), { ok: true });
  await sender.say("Nobody has this chat open");
  await receiver.hears("conversation_list_updated");
  assert.deepEqual(receiver.order(), ["conversation_list_updated"]);
});

test("read receipts: named messages", async () => {
  const [sender, receiver] = [await enter(alice), await enter(bob, away)];
  const ids = [(await sender.say("one")).id, (await sender.say("two")).id];
  receiver.socket.emit("chat:read", { conversationId, messageIds: ids });

  for (const client of [sender, receiver]) {
    const read = await client.hears("chat:read");
    assertHasKeys(read, ["messageIds", "readerId", "readAt"]);
    assert.deepEqual(read.messageIds, ids);
    assert.equal(read.readerId, bob.id);
    assert.match(read.readAt, ISO);
  }
  const seen = (await messagesAfter(sender.lastSeq)).map((message) => message.seen);
  assert.deepEqual(seen, [true, true]);
});

test("read receipts: up to a message, and nothing for what is read already", async () => {
  const [sender, receiver] = [await enter(alice), await enter(bob, away)];
  const [first, second, third] = [await sender.say("one"), await sender.say("two"), await sender.say("three")];
  receiver.socket.emit("chat:read", { conversationId, upToMessageId: second.id });
  const read = await sender.hears("chat:read");
  assert.equal(read.upToMessageId, second.id);
  assert.equal(read.readerId, bob.id);
  assert.ok(read.messageIds.includes(first.id) && read.messageIds.includes(second.id));
  assert.ok(!read.messageIds.includes(third.id));

  await fence(sender, receiver);
  sender.forget();
  receiver.forget();
  assert.equal((await receiver.ask("chat:read", { conversationId, upToMessageId: second.id })).ok, true);
  assert.equal((await receiver.ask("chat:read", { conversationId, messageIds: [first.id] })).ok, true);
  await expectSilence(conversationId, sender, receiver);
});

test("typing reaches the others and not the one who types", async () => {
  const [typist, other] = [await enter(alice), await enter(bob, away)];
  const userId = alice.id;
  typist.socket.emit("typing_start", { conversationId, userId });
  assert.deepEqual(await other.hears("user_typing"), { conversationId, userId, isTyping: true });
  other.forget();
  typist.socket.emit("typing_stop", { conversationId, userId });
  assert.deepEqual(await other.hears("user_typing"), { conversationId, userId, isTyping: false });
  await expectSilence(conversationId, typist);
});

test("REST hydrates an opened chat", async () => {
  const sender = await enter(alice);
  const [first, second] = [await sender.say("older"), await sender.say("newer")];

  const { success, context } = await get(bob, `/api/messages/conversations/${conversationId}/context`, away);
  assert.equal(success, true);
  assertHasKeys(context, ["conversation", "source", "users", "participants", "prompts", "state"]);
  assertHasKeys(context.conversation, [
    "id", "conversation_type", "chat_status", "flow_state", "awaiting_role", "current_action_data",
    "automation_enabled", "created_at", "updated_at",
  ]);
  assert.equal(context.conversation.id, conversationId);
  assert.equal(context.conversation.conversation_type, "direct");
  assertHasKeys(context.source, ["type", "data"]);
  assertHasKeys(context.users.current, ["id", "name", "role", "online", "last_seen"]);
  assert.equal(context.users.current.id, bob.id);
  assert.equal(context.users.other.id, alice.id);
  assert.equal(context.participants.length, 2);
  assertHasKeys(context.prompts, ["title", "subtitle", "details", "actions"]);
  assertHasKeys(context.state, [
    "can_act", "awaiting_role", "state_seq", "last_seq", "unread_count", "last_message",
  ]);
  assert.equal(context.state.last_seq, second.seq);
  assert.equal(context.state.last_message.id, second.id);
  assert.ok(context.state.unread_count >= 2);

  const newest = await get(bob, `/api/messages/conversations/${conversationId}/messages?page=1&limit=2`, away);
  assert.deepEqual(newest.messages, [first, second]); // oldest to newest
  assertHasKeys(newest.pagination, ["page", "limit", "total", "pages", "has_more"]);
  const before = await get(bob, `/api/messages/conversations/${conversationId}/messages/?page=2&limit=2`, away);
  assert.ok(before.messages.at(-1).seq < first.seq);
  assert.equal((await get(bob, `/api/messages/conversations/${conversationId}/context/`)).success, true);
});

test("the test message validates a room join, for staff alone", async () => {
  const [insider, outsider] = [await enter(alice), await enter(bob, away)];
  await outsider.ask("chat:leave", { conversationId });
  const payload = { conversationId, senderId: bob.id, receiverId: alice.id, message: "Can you hear me?" };

  const { body } = await rest(staff, "POST", "/test-message", payload, away);
  assert.equal(body.success, true);
  assert.match(body.testMessage.id, /^test_\d+$/);
  assert.ok(body.events.includes("chat:new"));
  const { message } = await insider.hears("chat:new");
  assert.equal(message.id, body.testMessage.id);
  assert.equal(message.message, "Can you hear me?");
  await expectSilence(message.id, outsider);
  assert.deepEqual(await messagesAfter(insider.lastSeq), []);

  assert.equal((await rest(charlie, "POST", "/test-message", payload)).status, 403);
  const missing = await rest(staff, "POST", "/test-message", { conversationId });
  assert.equal(missing.status, 400);
  assert.equal(missing.body.success, false);
  assert.match(missing.body.error, /^Missing required fields: senderId, receiverId, message$/);
});

test("a message by REST reaches sockets as any other", async () => {
  const [sender, receiver] = [await enter(alice), await enter(bob, away)];
  const payload = { conversation_id: conversationId, message: "from REST" };
  for (const server of servers.keys()) {
    const { success, message, conversation_id } = await post(alice, "/api/messages", payload, { server });
    assert.equal(success, true);
    assert.equal(conversation_id, conversationId);
    for (const [client, action] of [[sender, "message_sent"], [receiver, "message_received"]]) {
      assert.deepEqual((await client.hears("chat:new", (e) => e.message.id === message.id)).message, message);
      const update = await client.hears("conversation_list_updated", (e) => e.message.id === message.id);
      assert.equal(update.action, action);
    }
  }
});
