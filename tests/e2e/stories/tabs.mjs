/** One user, two tabs; and a typist who falls silent. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, bob, conversations, enter, expectSilence, lastServer, signIn } from "./client.mjs";

const SILENCE_MS = 6_000;
const conversationId = conversations.direct;
const away = { server: lastServer };

test("both tabs hear everything; the acknowledgement is for the tab that sent", async () => {
  const [tab, otherTab] = [await enter(alice), await enter(alice, away)];
  const partner = await enter(bob, away);
  const mine = await tab.say("from one tab");
  for (const client of [tab, otherTab]) {
    assert.equal((await client.hears("chat:new")).message.id, mine.id);
    assert.equal((await client.hears("conversation_list_updated")).action, "message_sent");
  }
  assert.deepEqual(tab.order(), ["chat:ack", "chat:new", "conversation_list_updated"]);
  assert.deepEqual(otherTab.order(), ["chat:new", "conversation_list_updated"]);

  const theirs = await partner.say("an answer");
  partner.socket.emit("chat:read", { conversationId, messageIds: [mine.id] });
  for (const client of [tab, otherTab]) {
    await client.hears("chat:new", ({ message }) => message.id === theirs.id);
    const update = await client.hears("conversation_list_updated", ({ message }) => message.id === theirs.id);
    assert.equal(update.action, "message_received");
    assert.deepEqual((await client.hears("chat:read")).messageIds, [mine.id]);
  }
});

test("a tab that has the chat closed hears of the list, and one that closes leaves the other its ears", async () => {
  const [closedChat, openChat, closing] = [await signIn(alice), await enter(alice, away), await enter(alice)];
  closing.socket.disconnect();
  const partner = await enter(bob, away);
  closedChat.forget();
  const { id } = await partner.say("who is there?");
  assert.equal((await openChat.hears("chat:new")).message.id, id);
  assert.equal((await closedChat.hears("conversation_list_updated")).message.id, id);
  assert.deepEqual(closedChat.order(), ["conversation_list_updated"]);
});

test("who types in one tab is not told so in the other", async () => {
  const [tab, otherTab, partner] = [await enter(alice), await enter(alice, away), await enter(bob, away)];
  tab.socket.emit("typing_start", { conversationId, userId: alice.id });
  await partner.hears("user_typing");
  tab.socket.emit("typing_stop", { conversationId, userId: alice.id });
  await partner.hears("user_typing", ({ isTyping }) => !isTyping);
  await expectSilence(conversationId, tab, otherTab);
});

test("the server ends an indicator after six seconds of silence, and not before", async () => {
  const [typist, partner] = [await enter(alice), await enter(bob, away)];
  const start = performance.now();
  typist.socket.emit("typing_start", { conversationId, userId: alice.id });
  await partner.hears("user_typing", ({ isTyping }) => isTyping);
  const ended = await partner.hears("user_typing", ({ isTyping }) => !isTyping);
  assert.deepEqual(ended, { conversationId, userId: alice.id, isTyping: false });
  const waited = performance.now() - start;
  assert.ok(waited > SILENCE_MS - 100, `after ${Math.round(waited)} ms`);
});

for (const [who, tabs] of Object.entries({ "the typist": [], "the typist's tab": [0, lastServer] })) {
  test(`and at once when ${who} is gone`, async () => {
    for (const server of tabs) await signIn(alice, { server });
    const [typist, partner] = [await enter(alice), await enter(bob, away)];
    typist.socket.emit("typing_start", { conversationId, userId: alice.id });
    await partner.hears("user_typing", ({ isTyping }) => isTyping);
    const start = performance.now();
    typist.socket.disconnect();
    await partner.hears("user_typing", ({ isTyping }) => !isTyping);
    const waited = performance.now() - start;
    assert.ok(waited < SILENCE_MS / 2, `not at once but after ${Math.round(waited)} ms`);
  });
}
