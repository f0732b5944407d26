/** Seed 001: what it adds to the guide of seed 000. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice, assertHasKeys, bob, conversations, enter, expectSilence, fence, lastSeq, lastServer, messagesAfter, uuid,
} from "./client.mjs";

const conversationId = conversations.direct;
const away = { server: lastServer };
const AUTOMATED = "Chat is in automated mode. Use action buttons to respond.";

test("send, optimistically, as the summary does: the temporary message is replaced", async () => {
  const { socket, ...client } = await enter(alice);
  const tempId = uuid();
  let messages = [];
  const replaced = new Promise((resolve) => {
    socket.on("chat:ack", ({ tempId, message }) => {
      messages = messages.map((m) => (m.tempId === tempId ? message : m));
      resolve();
    });
  });
  const message = { tempId, conversationId, text: "optimism", clientNonce: uuid() };
  messages.push({ ...message, temp: true, id: tempId });
  socket.emit("chat:send", message);
  await replaced;
  assert.equal(messages.length, 1);
  assert.equal(messages[0].message, "optimism");
  assert.equal(messages[0].seq, client.lastSeq + 1);
});

test("a repeated clientNonce is acknowledged with the stored message, and nothing else happens", async () => {
  const [sender, receiver] = [await enter(alice), await enter(bob, away)];
  const payload = { tempId: "temp_1", conversationId, text: "once", clientNonce: uuid() };
  const first = await sender.ask("chat:send", payload);
  assert.equal(first.ok, true);
  assert.ok(!first.duplicate);
  await fence(sender, receiver);
  sender.forget();
  receiver.forget();

  const again = await sender.ask("chat:send", { ...payload, tempId: "temp_2" });
  assert.equal(again.ok, true);
  assert.equal(again.duplicate, true);
  assert.deepEqual(again.message, first.message);
  await expectSilence(conversationId, receiver);
  await fence(sender);
  const about = sender.about(conversationId);
  assert.deepEqual(about, [{ name: "chat:ack", payload: { tempId: "temp_2", message: first.message } }]);
  assert.equal((await messagesAfter(sender.lastSeq)).length, 1);
});

test("the same nonce with another text is refused", async () => {
  const sender = await enter(alice);
  const payload = { tempId: "temp_1", conversationId, text: "one thing", clientNonce: uuid() };
  await sender.ask("chat:send", payload);
  await sender.expectRefusal("nonce_reused", "chat:send", { ...payload, text: "another thing" });
  assert.equal((await messagesAfter(sender.lastSeq)).length, 1);
});

test("two people may use the same nonce", async () => {
  const [one, other] = [await enter(alice), await enter(bob, away)];
  const clientNonce = uuid();
  const [mine, theirs] = [await one.say("mine", { clientNonce }), await other.say("theirs", { clientNonce })];
  assert.notEqual(mine.id, theirs.id);
});

test("without a nonce, the same tempId with the same text is a repeat", async () => {
  const sender = await enter(alice);
  const payload = { tempId: uuid(), conversationId, text: "no nonce" };
  const [first, again] = [await sender.ask("chat:send", payload), await sender.ask("chat:send", payload)];
  assert.equal(again.duplicate, true);
  assert.equal(again.message.id, first.message.id);
  assert.equal((await messagesAfter(sender.lastSeq)).length, 1);
});

for (const kind of ["bid", "campaign"]) {
  test(`in automated mode a ${kind} conversation takes no chat`, async () => {
    const id = conversations[kind];
    const [sender, receiver] = [await enter(alice, {}, id), await enter(bob, away, id)];
    const before = await lastSeq(id);
    const payload = { tempId: "temp_auto", conversationId: id, text: "hello?", clientNonce: uuid() };
    const error = await sender.expectRefusal("automated_mode", "chat:send", payload);
    assert.equal(error.message, AUTOMATED);
    const heard = await sender.hears("chat:error");
    assertHasKeys(heard, ["message", "tempId", "code"]);
    assert.equal(heard.message, AUTOMATED);
    assert.equal(heard.tempId, "temp_auto");
    assert.equal(heard.code, "automated_mode");
    await expectSilence(id, receiver);
    assert.equal(await lastSeq(id), before);
  });
}

for (const kind of ["channel", "private_channel"]) {
  test(`a ${kind.replace("_", " ")} takes chat at any time, for nobody in particular`, async () => {
    const id = conversations[kind];
    const [sender, receiver] = [await enter(alice, {}, id), await enter(bob, away, id)];
    const message = await sender.say("to all", { conversationId: id });
    assert.equal(message.receiver_id, null);
    assert.equal((await receiver.hears("chat:new")).message.id, message.id);
    assert.equal((await receiver.hears("conversation_list_updated")).action, "message_received");
  });
}

test("a chat:error names the message that it is about", async () => {
  const sender = await enter(alice);
  sender.socket.emit("chat:send", { tempId: "temp_empty", conversationId, text: "", clientNonce: uuid() });
  const error = await sender.hears("chat:error");
  assert.equal(error.tempId, "temp_empty");
  assert.equal(error.code, "invalid_payload");
  assert.equal(typeof error.message, "string");
});

test("who leaves a conversation no longer hears it, and may come back", async () => {
  const [sender, receiver] = [await enter(alice), await enter(bob, away)];
  receiver.socket.emit("chat:leave", { conversationId });
  receiver.socket.emit("chat:leave", { conversationId }); // twice is once
  await fence(receiver);
  receiver.forget();
  const unheard = await sender.say("while bob is away");
  await receiver.hears("conversation_list_updated", ({ message }) => message.id === unheard.id);
  assert.deepEqual(receiver.of("chat:new"), []);

  await receiver.join();
  const heard = await sender.say("bob is back");
  assert.equal((await receiver.hears("chat:new")).message.id, heard.id);
});
