/** Seed 004: its connection, its message states, reactions, channels; by either reading of its URL. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ISO, alice, bob, charlie, conversations, enter, fence, get, lastServer, messagesAfter, open, signIn, uuid,
} from "./client.mjs";
import { DOORS, PATH, freshChannel, knock, told, workspace } from "./families.mjs";

const away = { server: lastServer };

/** The seed's example client. */
function trackMessages(socket) {
  const messageStates = new Map();
  socket.on("message:delivered", (data) => {
    const message = messageStates.get(data.tempId);
    if (message) {
      message.history.push(data.status);
      message.status = data.status;
      message.messageId = data.messageId;
    }
  });
  socket.on("message:failed", (data) => {
    const message = messageStates.get(data.tempId);
    if (message) {
      message.status = "FAILED";
      message.error = data.error;
    }
  });
  const send = (content, channelId, rest = {}) => {
    const tempId = `temp-${uuid()}`;
    const message = { tempId, content, status: "SENDING", timestamp: new Date(), retryCount: 0, history: [] };
    messageStates.set(tempId, message);
    socket.emit("message:send", { content, channelId, tempId, ...rest });
    return message;
  };
  return { messageStates, send };
}

/** Wait until the server has answered all that came before, and the socket has heard all that it was told. */
async function settle(...clients) {
  for (const client of clients) assert.equal((await client.ask("fence")).error.code, "unknown_event");
}

for (const [door, what] of Object.entries(DOORS)) {
  test(`connect to ${PATH} ${what}`, async () => {
    const client = await workspace(alice, { door });
    const [{ payload }] = told(client);
    assert.equal(payload.userId, alice.id);
    const { conversations: mine } = await get(alice, "/api/messages/conversations?limit=100");
    assert.deepEqual(payload.channels.slice(0, mine.length), mine.map(({ id }) => id));
    assert.deepEqual(told(client).map(({ name }) => name), ["connection:success"]);
  });

  test(`who can't say who they are is told why, counted and disconnected, ${what}`, async () => {
    await workspace(alice, { door }); // failures are counted since the last success
    const faults = [{ userId: bob.id }, { token: "Bearer nonsense" }, { token: "" }, { token: `Bearer ${bob.token}` }];
    for (const [index, auth] of faults.entries()) {
      const client = knock(alice, { door, auth });
      const failure = await client.hears("connection:error");
      assert.deepEqual([failure.reason, failure.reconnectAttempt], ["auth_error", index + 1]);
      assert.equal(typeof failure.error, "string");
      assert.equal(await client.hears("disconnect"), "io server disconnect");
      assert.deepEqual(told(client).map(({ name }) => name), ["connection:error", "disconnect"]);
    }
    const echoed = knock(alice, { door, auth: { userId: bob.id, reconnectAttempt: 7 } });
    assert.equal((await echoed.hears("connection:error")).reconnectAttempt, 7);
    await workspace(alice, { door });
    const again = knock(alice, { door, auth: { token: undefined } });
    const { error, reconnectAttempt } = await again.hears("connection:error");
    assert.deepEqual([error, reconnectAttempt], ["User not authenticated", 1]);
  });

  test(`a message is SENT, DELIVERED and created, ${what}`, async () => {
    const channelId = await freshChannel(alice);
    const [sender, receiver] = [await workspace(alice, { door }), await workspace(bob, { ...away, door })];
    const state = trackMessages(sender.socket).send("Hello world", channelId);
    assert.equal(state.status, "SENDING");

    const created = await receiver.hears("message:created");
    assert.deepEqual(await sender.hears("message:created"), created);
    assert.deepEqual([state.history, state.status], [["SENT", "DELIVERED"], "DELIVERED"]);
    const [sent, delivered] = sender.of("message:delivered");
    const { messageId, tempId } = state;
    assert.match(sent.timestamp, ISO);
    assert.deepEqual(sent, { messageId, tempId, status: "SENT", timestamp: sent.timestamp });
    assert.deepEqual(delivered, { messageId, tempId, status: "DELIVERED", processed: true });
    assert.deepEqual([created.tempId, created.processed], [tempId, true]);
    const { createdAt, updatedAt, user, ...message } = created.message;
    assert.deepEqual(message, {
      id: messageId, content: "Hello world", channelId, userId: alice.id, replyToId: null, deliveryStatus: "DELIVERED",
      seq: 1,
    });
    assert.match(createdAt, ISO);
    assert.equal(updatedAt, createdAt);
    assert.deepEqual(user, { id: alice.id, name: "Alice Brand", imageUrl: null });
    assert.deepEqual(receiver.of("message:delivered"), []);

    await receiver.ask("message:send", { content: "Hello Alice", channelId, replyToId: messageId });
    const reply = await sender.hears("message:created", (event) => event.message.userId === bob.id);
    assert.deepEqual([reply.message.replyToId, reply.tempId], [messageId, null]);
  });
}

test("userId in the handshake makes any connection a workspace", async () => {
  const client = open(alice, { auth: { token: alice.token, userId: alice.id } });
  assert.equal((await client.hears("connection:success")).userId, alice.id);
});

test("a message that can't be sent has FAILED, and says why", async () => {
  const channelId = await freshChannel(alice);
  const [member, outsider] = [await workspace(alice), await workspace(charlie, away)];
  const mine = trackMessages(member.socket);
  const faults = [
    [mine.send(" ", channelId), /content/],
    [mine.send("as bob", channelId, { userId: bob.id }), /Forbidden/],
    [mine.send("a reply", channelId, { replyToId: uuid() }), /No such message/],
    [mine.send("too long".repeat(2_000), channelId), /characters/],
    [mine.send("not open", conversations.bid), /automated mode/],
  ];
  await member.hearsAll(faults.length, "message:failed");
  for (const [state, why] of faults) {
    assert.equal(state.status, "FAILED");
    assert.match(state.error, why);
  }
  for (const failure of member.of("message:failed")) {
    assert.deepEqual([failure.status, failure.processed], ["FAILED", true]);
    assert.match(failure.timestamp, ISO);
  }

  const theirs = trackMessages(outsider.socket);
  for (const where of [channelId, uuid()]) {
    const state = theirs.send("let me in", where);
    await outsider.hears("message:failed", ({ tempId }) => tempId === state.tempId);
    assert.deepEqual([state.history, state.status, state.error], [[], "FAILED", "Conversation not found"]);
  }
  assert.deepEqual(await messagesAfter(0, { conversationId: channelId }), []);
});

test("what is under way is not sent twice", async () => {
  const channelId = await freshChannel(alice);
  const [sender, receiver] = [await workspace(alice), await workspace(bob, away)];
  const payload = { content: "once", channelId, tempId: "temp-123" };
  const answers = await Promise.all(Array.from({ length: 20 }, () => sender.ask("message:send", payload)));
  const ids = new Set(answers.filter(({ ok }) => ok).map(({ messageId }) => messageId));
  assert.equal(ids.size, 1);
  const failures = sender.of("message:failed");
  assert.ok(failures.length > 0);
  assert.equal(failures.length, answers.filter(({ ok }) => !ok).length);
  for (const { error, tempId, status, processed } of failures) {
    assert.equal(error, "Message already being processed");
    assert.deepEqual([tempId, status, processed], ["temp-123", "FAILED", true]);
  }
  await receiver.hears("message:created");
  await sender.ask("message:send", { content: "last", channelId });
  await receiver.hears("message:created", ({ message }) => message.content === "last");
  assert.deepEqual(receiver.of("message:created").map(({ message }) => message.content), ["once", "last"]);
});

test("a reaction is added once, and removed once", async () => {
  const channelId = await freshChannel(alice);
  const [author, reader, other] = [await workspace(alice), await workspace(bob, away), await workspace(bob)];
  const { messageId } = await author.ask("message:send", { content: "Good news", channelId });
  await reader.hears("message:created");
  const reaction = { messageId, type: "👍" };
  const first = await reader.ask("reaction:add", reaction);
  const added = await author.hears("reaction:added");
  assert.deepEqual([added.messageId, added.processed, added.reaction], [messageId, true, first.reaction]);
  assert.match(first.reaction.createdAt, ISO);
  const { id } = first.reaction;
  assert.deepEqual({ ...first.reaction, createdAt: "" }, { id, ...reaction, userId: bob.id, createdAt: "" });

  assert.deepEqual(await other.ask("reaction:add", reaction), first);
  await other.ask("reaction:add", { messageId, type: ":tada:" });
  assert.deepEqual(await other.ask("reaction:remove", reaction), { ok: true });
  assert.deepEqual(await reader.ask("reaction:remove", reaction), { ok: true });
  await author.ask("reaction:remove", { messageId, type: ":tada:" }); // not alice's to remove
  await author.ask("reaction:add", { messageId, type: "❤️" });
  for (const client of [author, reader, other]) {
    await client.hears("reaction:added", (event) => event.reaction.type === "❤️");
    const types = client.of("reaction:added").map((event) => event.reaction.type);
    assert.deepEqual(types, ["👍", ":tada:", "❤️"]);
    const [{ seq, ...removed }, ...more] = client.of("reaction:removed");
    assert.deepEqual([removed, more], [{ ...reaction, userId: bob.id, processed: true }, []]);
    assert.equal(typeof seq, "number");
  }

  const outsider = await workspace(charlie, away);
  for (const unknown of [messageId, uuid()]) {
    for (const event of ["reaction:add", "reaction:remove"]) {
      const error = await outsider.expectRefusal("not_found", event, { messageId: unknown, type: "👍" });
      assert.deepEqual(error, { code: "not_found", message: "Message not found" });
    }
  }
  await outsider.expectRefusal("forbidden", "reaction:add", { ...reaction, userId: bob.id });
  const error = await reader.expectRefusal("invalid_payload", "reaction:add", { messageId, type: "👍👍" });
  assert.equal(error.path, "$.type");
});

test("anybody may join a public channel, and speaks there then; a private one is for its members", async () => {
  const [open, closed] = [await freshChannel(alice, { is_public: true }), await freshChannel(alice)];
  const [insider, newcomer] = [await workspace(alice), await workspace(charlie, away)];
  assert.ok(!newcomer.channels.includes(open));
  for (const channelId of [closed, conversations.direct, uuid()]) {
    newcomer.forget();
    const error = await newcomer.expectRefusal("not_found", "channel:join", { channelId });
    assert.deepEqual(error, { code: "not_found", message: "Conversation not found" });
    assert.deepEqual(await newcomer.hears("error"), { ...error, event: "channel:join" });
  }
  await newcomer.expectRefusal("not_found", "message:send", { content: "already?", channelId: open });

  newcomer.socket.emit("channel:join", { channelId: open });
  for (const client of [insider, newcomer]) {
    const joined = await client.hears("channel:user_joined");
    assert.match(joined.timestamp, ISO);
    assert.deepEqual({ ...joined, timestamp: "" }, { userId: charlie.id, channelId: open, timestamp: "" });
  }
  await newcomer.ask("message:send", { content: "Hi all", channelId: open });
  assert.equal((await insider.hears("message:created")).message.userId, charlie.id);
  assert.ok((await workspace(charlie)).channels.includes(open));

  assert.deepEqual(await newcomer.ask("channel:leave", { channelId: open }), { ok: true });
  await insider.ask("message:send", { content: "Is charlie gone?", channelId: open });
  await fence(await signIn(charlie, away)); // the server of the newcomer has heard that
  await newcomer.ask("channel:join", { channelId: open });
  await insider.ask("message:send", { content: "Back again", channelId: open });
  await newcomer.hears("message:created", ({ message }) => message.content === "Back again");
  const heard = newcomer.of("message:created").filter(({ message }) => message.channelId === open);
  assert.deepEqual(heard.map(({ message }) => message.content), ["Hi all", "Back again"]);
});

test("a message is READ, in whichever family it was read", async () => {
  const channelId = await freshChannel(alice);
  const [author, reader] = [await workspace(alice), await workspace(bob, away)];
  const chat = await enter(bob, away, channelId);
  const ids = [];
  for (const content of ["one", "two"]) ids.push((await author.ask("message:send", { content, channelId })).messageId);
  await chat.hearsAll(2, "chat:new");
  assert.deepEqual(await reader.ask("message:read", { messageId: ids[0] }), { ok: true });
  assert.deepEqual((await chat.hears("chat:read")).messageIds, [ids[0]]);
  await chat.ask("chat:read", { conversationId: channelId, upToMessageId: ids[1] });
  const reads = await author.hearsAll(2, "message:read");
  for (const [index, { timestamp, ...read }] of reads.entries()) {
    assert.match(timestamp, ISO);
    assert.deepEqual(read, { messageId: ids[index], userId: bob.id, status: "READ" });
  }
  const outsider = await workspace(charlie);
  for (const messageId of [ids[0], uuid()]) {
    await outsider.expectRefusal("not_found", "message:read", { messageId });
  }
  await settle(author);
  assert.equal(author.of("message:read").length, 2);
});
