/** Charlie is in none of the conversations, and learns nothing of them: not even that they exist. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice, bob, charlie, conversations, enter, expectSilence, fence, get, lastSeq, lastServer, rest, signIn, uuid,
} from "./client.mjs";

const conversationId = conversations.direct;
const away = { server: lastServer };

/** What charlie can try on a conversation by its id, over the socket. */
const ATTEMPTS = (id, messageId) => [
  ["chat:join", { conversationId: id }],
  ["chat:join", { conversationId: id, afterSeq: 0 }],
  ["chat:leave", { conversationId: id }],
  ["chat:send", { tempId: "temp_c", conversationId: id, text: "let me in", clientNonce: "charlie" }],
  ["chat:read", { conversationId: id, messageIds: [messageId] }],
  ["chat:read", { conversationId: id, upToMessageId: messageId }],
  ["chat:action", { conversationId: id, action: "accept_connection", stateSeq: 1, clientNonce: "charlie" }],
  ["chat:sync", { conversationId: id, afterSeq: 0 }],
  ["typing_start", { conversationId: id }],
  ["typing_stop", { conversationId: id, userId: charlie.id }],
];

/** And over REST. */
const CALLS = (id, messageId) => [
  ["GET", `/api/messages/conversations/${id}/context`],
  ["GET", `/api/messages/conversations/${id}/messages`],
  ["GET", `/api/messages/conversations/${id}/messages?after_seq=0`],
  ["GET", `/api/messages/conversations/${id}/events?after_seq=0`],
  ["POST", `/api/messages/conversations/${id}/messages`, { message: "let me in" }],
  ["POST", "/api/messages", { conversation_id: id, message: "let me in" }],
  ["GET", `/api/messages/conversations/${id}/actions`],
  ["POST", `/api/messages/conversations/${id}/actions`, { action: "accept_connection" }],
  ["PUT", `/api/messages/conversations/${id}/seen`, { up_to_message_id: messageId }],
  ["PUT", `/api/messages/conversations/${id}/seen`, {}],
];

/** The answers, and what else the socket hears, to every attempt on a conversation. */
async function attempt(client, id, messageId) {
  const answers = [];
  client.forget();
  for (const [event, payload] of ATTEMPTS(id, messageId)) answers.push(await client.ask(event, payload));
  await fence(client);
  return { answers, heard: client.heard.filter(({ name }) => name === "chat:error") };
}

test("every attempt on any kind of conversation is answered as on one that does not exist", async () => {
  const insider = await enter(alice);
  const { id: messageId, seq } = await insider.say("not for charlie");
  const outsider = await signIn(charlie, away);
  const unknown = await attempt(outsider, uuid(), messageId);
  const refused = unknown.answers.filter(({ ok }) => !ok);
  assert.equal(refused.length, unknown.answers.length - 1); // leaving what one has not joined is no fault
  for (const { error } of refused) assert.deepEqual(error, { code: "not_found", message: "Conversation not found" });

  for (const [kind, id] of Object.entries(conversations)) {
    assert.deepEqual(await attempt(outsider, id, messageId), unknown, kind);
  }
  assert.equal(await lastSeq(), seq);
});

test("REST answers as for a conversation that does not exist", async () => {
  const insider = await enter(alice);
  const { id: messageId, seq } = await insider.say("not for charlie either");
  const nowhere = uuid();
  for (const [index, [method, path, body]] of CALLS(nowhere, messageId).entries()) {
    const unknown = await rest(charlie, method, path, body);
    assert.equal(unknown.status, 404, path);
    assert.equal(unknown.body.success, false);
    assert.equal(unknown.body.message, "Conversation not found");
    assert.equal(unknown.body.code, "not_found");
    const [, realPath, realBody] = CALLS(conversationId, messageId)[index];
    assert.deepEqual(await rest(charlie, method, realPath, realBody, away), unknown, path);
  }
  assert.equal(await lastSeq(), seq);
  const { context } = await get(bob, `/api/messages/conversations/${conversationId}/context`);
  assert.ok(context.state.unread_count > 0); // charlie has marked nothing for anybody
});

test("no list mentions them", async () => {
  const { conversations: mine } = await get(charlie, "/api/messages/conversations");
  const theirs = new Set(Object.values(conversations));
  assert.deepEqual(mine.filter(({ id }) => theirs.has(id)), []);
});

test("while alice and bob talk, type and read, charlie hears nothing", async () => {
  const [insider, other] = [await enter(alice), await enter(bob, away)];
  const outsiders = [await signIn(charlie), await signIn(charlie, away)];
  for (const { socket } of outsiders) socket.emit("chat:join", { conversationId });
  for (const client of outsiders) await client.hears("chat:error");
  for (const client of outsiders) client.forget();

  insider.socket.emit("typing_start", { conversationId });
  const { id } = await insider.say("a secret");
  await other.hears("chat:new");
  await other.ask("chat:read", { conversationId, upToMessageId: id });
  insider.socket.emit("typing_stop", { conversationId });
  await insider.hears("chat:read");
  await expectSilence(conversationId, ...outsiders);
});

test("what charlie types or marks, alice and bob never hear", async () => {
  const clients = [await enter(alice), await enter(bob, away)];
  const { id } = await clients[0].say("still unread");
  await clients[1].hears("conversation_list_updated");
  await fence(...clients);
  for (const client of clients) client.forget();
  await attempt(await signIn(charlie, away), conversationId, id);
  await expectSilence(conversationId, ...clients);
});

test("a token is needed for REST", async () => {
  for (const [method, path, body] of CALLS(conversationId, uuid())) {
    for (const Authorization of ["", "Bearer nonsense"]) {
      const { status, body: answer } = await rest(charlie, method, path, body, { headers: { Authorization } });
      assert.equal(status, 401, path);
      assert.equal(answer.success, false);
    }
  }
});
