/** Seed 003: the singleton socket, the conversation's page, the list of conversations, and who is online. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ISO, alice, assertHasKeys, bob, charlie, conversations, fence, get, lastServer, open, post, rest, signIn, uuid,
} from "./client.mjs";
import { expectFailure, freshChannel, makeUsers } from "./families.mjs";

const away = { server: lastServer };
const V1 = "/api/v1/conversations";
const MESSAGE = [
  "id", "conversationId", "senderId", "receiverId", "content", "messageType", "isRead", "isEdited", "createdAt",
  "updatedAt", "seq",
];

/** app/socket.ts: one connection, however many pages use it. */
function singleton(user, options) {
  let client = null;
  return function initSocket() {
    client ??= open(user, { ...options, auth: { token: user.token } });
    return client;
  };
}

/** routes/conversation-detail.tsx: joins by the bare id, shows what it hears and, grayed out, what it sends. */
async function detailPage(user, conversationId, options = {}) {
  const client = singleton(user, options)();
  const page = { client, messages: [] };
  client.socket.on("new_message", (message) => {
    if (page.messages.some(({ id }) => id === message.id)) return; // the sender's own, replaced already
    if (message.senderId === user.id && page.messages.some(({ temp }) => temp)) return; // it will be
    page.messages.push(message);
  });
  page.send = async (content) => {
    const optimistic = { id: `temp-${uuid()}`, content, senderId: user.id, temp: true };
    page.messages.push(optimistic);
    const { body } = await rest(user, "POST", `${V1}/${conversationId}/messages`, { content }, options);
    assert.equal(body.success, true);
    page.messages = page.messages.map((message) => (message.id === optimistic.id ? body.data : message));
    return body.data;
  };
  client.socket.emit("join_conversation", conversationId);
  await client.ask("join_conversation", conversationId); // again; its answer tells that all is done
  return page;
}

/** routes/conversations-index.tsx: loads the list and keeps it by the seed's rule. */
async function indexPage(user, options = {}) {
  const client = singleton(user, options)();
  await client.hears("authenticated");
  const page = { client, list: (await get(user, V1, options)).data };
  client.socket.on("conversation_updated", (update) => {
    const found = page.list.find(({ id }) => id === update.conversationId);
    if (!found) return;
    const unreadCount = update.unread ? found.unreadCount + 1 : 0;
    const { lastMessage, timestamp } = update;
    const moved = { ...found, lastMessage, timestamp, unread: update.unread, unreadCount };
    page.list = [moved, ...page.list.filter(({ id }) => id !== update.conversationId)];
  });
  return page;
}

const line = ({ id, lastMessage, timestamp, unreadCount }) => ({ id, lastMessage, timestamp, unreadCount });

test("a message is shown at once, replaced by the stored one, and appended where it is received", async () => {
  const conversationId = conversations.direct;
  const sender = await detailPage(alice, conversationId);
  const receiver = await detailPage(bob, conversationId, away);
  const sending = sender.send("Hello 👋");
  assert.equal(sender.messages[0].temp, true);
  const stored = await sending;

  const heard = await receiver.client.hears("new_message");
  await sender.client.hears("new_message");
  assert.deepEqual(heard, stored);
  assert.deepEqual(sender.messages, [stored]);
  assert.deepEqual(receiver.messages, [stored]);
  assertHasKeys(stored, MESSAGE);
  assert.deepEqual(
    [stored.conversationId, stored.senderId, stored.receiverId, stored.content, stored.messageType],
    [conversationId, alice.id, bob.id, "Hello 👋", "user_input"],
  );
  assert.deepEqual([stored.isRead, stored.isEdited], [false, false]);
  assert.match(stored.createdAt, ISO);
  assert.equal(stored.updatedAt, stored.createdAt);
  const { data } = await get(bob, `${V1}/${conversationId}/messages?limit=1`, away);
  assert.deepEqual(data, [stored]);
});

test("the list is kept by what is heard, as the server would tell it anew", async () => {
  const [first, second] = [await freshChannel(alice), await freshChannel(alice)];
  const [mine, theirs] = [await indexPage(alice), await indexPage(bob, away)];
  for (const [conversationId, content] of [[first, "one"], [second, "two"], [first, "three"]]) {
    await post(alice, `${V1}/${conversationId}/messages`, { content });
    for (const { client } of [mine, theirs]) {
      const update = await client.hears("conversation_updated", ({ lastMessage }) => lastMessage === content);
      assert.equal(update.conversationId, conversationId);
      assert.equal(typeof update.unreadCount, "number");
    }
  }
  assert.deepEqual(theirs.list.slice(0, 2).map(({ id, unreadCount }) => [id, unreadCount]), [[first, 2], [second, 1]]);
  assert.deepEqual(mine.list.slice(0, 2).map(({ id, unread }) => [id, unread]), [[first, false], [second, false]]);
  for (const [page, user] of [[mine, alice], [theirs, bob]]) {
    const { data } = await get(user, V1);
    assert.deepEqual(page.list.slice(0, 2).map(line), data.slice(0, 2).map(line));
  }

  const { body } = await rest(bob, "PUT", `${V1}/${first}/read`, {}, away);
  assert.equal(body.success, true);
  assert.equal(body.data.unreadCount, 0);
  const { data } = await get(bob, V1);
  assert.deepEqual([data[0].id, data[0].unread], [first, false]);
});

test("history is read by limit and offset, or before a message", async () => {
  const conversationId = await freshChannel(alice);
  const sent = [];
  for (const content of ["1", "2", "3", "4", "5"]) {
    sent.push((await post(alice, `${V1}/${conversationId}/messages`, { content })).data);
  }
  const page = async (query) => get(bob, `${V1}/${conversationId}/messages?${query}`, away);
  const shown = async (query) => (await page(query)).data.map(({ content }) => content).join("");
  assert.equal(await shown("limit=2"), "45");
  assert.equal(await shown("limit=2&offset=2"), "23");
  assert.equal(await shown(`before=${sent[2].id}`), "12");
  assert.equal(await shown(`before=${sent[2].seq}&limit=1`), "2");
  const { pagination } = await page("limit=2&offset=2");
  assert.deepEqual(pagination, { limit: 2, offset: 2, total: 5, hasMore: true });
});

test("who leaves hears of the list only", async () => {
  const conversationId = conversations.direct;
  const { client, messages } = await detailPage(bob, conversationId, away);
  client.socket.emit("leave_conversation", conversationId);
  assert.deepEqual(await client.ask("leave_conversation", conversationId), { ok: true });
  const content = uuid();
  await post(alice, `${V1}/${conversationId}/messages`, { content });
  await client.hears("conversation_updated", ({ lastMessage }) => lastMessage === content);
  await fence(client);
  assert.deepEqual(messages, []);
});

test("a user with two tabs is online until the second is closed, and was seen then", async () => {
  const [erin, clock] = await makeUsers("erin", "clock");
  for (const user of [erin, clock]) {
    await post(alice, "/api/messages/conversations", { type: "direct", receiver_id: user.id });
  }
  const peers = [await indexPage(alice), await indexPage(alice, away)];
  const outsider = await signIn(bob, away);
  const shown = async () => (await get(alice, V1)).data.find(({ otherUser }) => otherUser?.id === erin.id).otherUser;
  const changes = (client) => client.of("presence:changed").filter(({ userId }) => userId === erin.id);
  assert.deepEqual([(await shown()).online, (await shown()).lastSeen], [false, null]);

  const tabs = [singleton(erin)(), singleton(erin, away)(), singleton(clock)()];
  for (const tab of tabs) await tab.hears("authenticated");
  for (const { client } of peers) {
    for (const userId of [erin.id, clock.id]) await client.hears("presence:changed", (told) => told.userId === userId);
    assert.deepEqual(changes(client), [{ userId: erin.id, online: true, lastSeen: null }]);
  }
  assert.equal((await shown()).online, true);

  const [tab, otherTab, onlyTab] = tabs;
  tab.socket.disconnect();
  await get(alice, V1);
  onlyTab.socket.disconnect(); // whose going is told after all that goes before is
  for (const { client } of peers) {
    await client.hears("presence:changed", ({ userId, online }) => userId === clock.id && !online);
    assert.equal(changes(client).length, 1);
  }
  assert.equal((await shown()).online, true);

  otherTab.socket.disconnect();
  const closedAt = Date.now();
  for (const { client } of peers) {
    await client.hears("presence:changed", ({ userId, online }) => userId === erin.id && !online);
    assert.equal(changes(client).length, 2);
    const { lastSeen } = changes(client)[1];
    assert.match(lastSeen, ISO);
    assert.ok(Math.abs(Date.parse(lastSeen) - closedAt) < 10_000);
    const { online, lastSeen: stored } = await shown();
    assert.deepEqual([online, stored], [false, lastSeen]);
  }
  assert.deepEqual(changes(outsider), []);
});

test("without a good token there is no connection", async () => {
  const client = open(alice, { auth: { token: "nonsense" } });
  const error = await client.hears("connect_error");
  assert.match(error.message, /^Authentication error: /);
  assert.equal(error.data.code, "invalid_token");
});

test("charlie is told what is told of a conversation that does not exist", async () => {
  const client = singleton(charlie, away)();
  await client.hears("authenticated");
  const answers = [];
  for (const conversationId of [conversations.direct, uuid()]) {
    client.forget();
    const error = await client.expectRefusal("not_found", "join_conversation", conversationId);
    const answer = [error, await client.hears("error")];
    for (const [method, path, body] of [
      ["GET", "messages"], ["GET", "messages?before=1"], ["POST", "messages", { content: "Hi" }], ["PUT", "read", {}],
    ]) {
      answer.push(await expectFailure(404, "not_found", charlie, method, `${V1}/${conversationId}/${path}`, body));
    }
    answers.push(answer);
  }
  assert.deepEqual(answers[0], answers[1]);
  client.forget();
  await post(alice, `${V1}/${conversations.direct}/messages`, { content: "a secret" });
  await fence(client);
  assert.deepEqual(client.about(conversations.direct), []);
  assert.deepEqual(client.about("a secret"), []);
});
