/** Five clients, written from five documents that never heard of each other, in one conversation. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice, bob, charlie, conversations, enter, expectSilence, lastServer, post, servers, signIn, uuid,
} from "./client.mjs";
import { connect, expectFailure, freshChannel, postNotice, setChatStatus, told, workspace } from "./families.mjs";

const conversationId = conversations.direct;
const REPAIR_MS = 6_500;
const { campaign } = JSON.parse(process.env.STORY);

/** How each seed's client joins; `contracts` is what it wants to hear of, beside what it joins. */
const SEEDS = {
  "000": async (user, options) => enter(user, { ...options, auth: { contracts: ["chat"] } }),
  "001": async (user, options) => {
    const client = await enter(user, { ...options, auth: { contracts: ["chat", "work"] } });
    assert.equal((await client.ask("work:join", { campaignId: campaign })).ok, true);
    return client;
  },
  "002": async (user, options) => {
    const client = await connect(user, { ...options, contracts: ["feed"] });
    assert.equal((await client.ask("join_conversation", { conversationId })).ok, true);
    return client;
  },
  "003": async (user, options) => {
    const client = await connect(user, { ...options, contracts: ["messenger"] });
    assert.equal((await client.ask("join_conversation", conversationId)).ok, true);
    return client;
  },
  "004": workspace,
};

/** What each hears of a message, and where in it the message is. */
const CHAT = { "chat:new": ({ message }) => message, conversation_list_updated: ({ message }) => message };
const HEARS = {
  "000": CHAT,
  "001": CHAT,
  "002": {
    new_message: ({ message }) => message,
    notification: ({ data }) => data.message,
    conversation_updated: null, // it names no message but shows its text
  },
  "003": { new_message: (message) => message, conversation_updated: null },
  "004": { "message:created": ({ message }) => message },
};

/** The events by which a reader is told of a message of `sender`'s. */
function expected({ seed, user }, sender) {
  const names = Object.keys(HEARS[seed]).filter((name) => name !== "notification" || user.id !== sender);
  return names.map((name) => (name === "chat:new" && sender === "system" ? "chat:automated" : name)).sort();
}

async function gather() {
  const readers = [];
  for (const [number, [seed, join]] of Object.entries(SEEDS).entries()) {
    for (const [index, user] of [bob, alice].entries()) {
      const client = await join(user, { server: (number + index) % servers.length });
      readers.push(Object.assign(client, { seed }));
    }
  }
  const outsiders = [await signIn(charlie), await signIn(charlie, { server: lastServer })];
  for (const client of [...readers, ...outsiders]) client.forget();
  return { readers, outsiders };
}

/** Show that every reader hears exactly its own events of one message, with the same id and seq. */
async function checkHeard(readers, sender, text, { id, seq }) {
  for (const reader of readers) {
    const names = expected(reader, sender);
    const about = (payload) => JSON.stringify(payload ?? null).includes(text);
    for (const name of names) await reader.hears(name, about);
    assert.deepEqual(reader.about(text).map(({ name }) => name).sort(), names, `${reader.seed}: ${reader}`);
    for (const { name, payload } of reader.about(text)) {
      const find = HEARS[reader.seed][name === "chat:automated" ? "chat:new" : name];
      if (find === null) assert.equal(payload.lastMessage, text);
      else assert.deepEqual([find(payload).id, find(payload).seq], [id, seq], `${reader.seed} ${name}`);
    }
  }
}

/** From each entrance: say a text, return the message's id and seq as far as the answer tells. */
const V1 = `/api/v1/conversations/${conversationId}/messages`;
const ENTRANCES = {
  "chat:send": async (text) => (await signIn(alice)).say(text),
  "message:send": async (content) => {
    const sender = await workspace(alice, { server: lastServer });
    const { messageId, seq } = await sender.ask("message:send", { content, channelId: conversationId });
    return { id: messageId, seq };
  },
  "POST /api/messages": async (message) =>
    (await post(alice, "/api/messages", { conversation_id: conversationId, message })).message,
  "POST /api/v1/…/messages": async (content) => (await post(alice, V1, { content }, { server: lastServer })).data,
};

test("one message from each entrance, and every reader hears its own events of it, once", async () => {
  const { readers, outsiders } = await gather();
  const said = [];
  for (const [entrance, say] of Object.entries(ENTRANCES)) {
    const text = `by ${entrance} ${uuid()}`;
    const message = await say(text);
    await checkHeard(readers, alice.id, text, message);
    said.push({ text, ...message });
  }
  for (const [index, { seq }] of said.entries()) assert.equal(seq, said[0].seq + index);
  for (const reader of readers) {
    const count = said.length * expected(reader, alice.id).length;
    assert.equal(told(reader).length, count, `${reader.seed}: ${reader}`);
  }
  await expectSilence(conversationId, ...outsiders);
});

test("what staff has said outside of any server, every reader hears within seconds, once", async () => {
  const { readers, outsiders } = await gather();
  const text = `a notice ${uuid()}`;
  const id = await postNotice(conversationId, text);
  const start = performance.now();
  await Promise.all(readers.map((reader) => reader.hears(expected(reader, "system")[0])));
  const waited = performance.now() - start;
  assert.ok(waited < REPAIR_MS, `after ${Math.round(waited)} ms`);
  const { message } = readers[0].of("chat:automated")[0];
  assert.equal(message.id, id);
  await checkHeard(readers, "system", text, message);

  const closing = `and then ${uuid()}`;
  await checkHeard(readers, alice.id, closing, await ENTRANCES["chat:send"](closing));
  for (const reader of readers) {
    const count = expected(reader, "system").length + expected(reader, alice.id).length;
    assert.equal(told(reader).length, count, `${reader.seed}: ${reader}`);
  }
  await expectSilence(conversationId, ...outsiders);
});

test("who names no contracts hears all user-level events; who names one, that one's", async () => {
  const wide = await connect(bob);
  const hints = { chat: ["conversation_list_updated"], feed: ["notification", "conversation_updated"] };
  const narrow = { ...hints, messenger: ["conversation_updated"], nothing: [] };
  const clients = {};
  for (const contracts of Object.keys(narrow)) {
    clients[contracts] = await connect(bob, { contracts: [contracts], server: lastServer });
  }
  const send = (text) => ENTRANCES["POST /api/messages"](text);
  const texts = [uuid(), uuid()];
  for (const text of texts) await send(text);
  const about = (text) => (payload) => JSON.stringify(payload ?? null).includes(text);
  const everything = ["conversation_list_updated", "conversation_updated", "notification"];
  for (const name of everything) await wide.hears(name, about(texts[1]));
  for (const [contract, names] of Object.entries(narrow)) {
    const client = clients[contract];
    for (const name of names) await client.hears(name, about(texts[1]));
    await client.ask("fence");
    assert.deepEqual(client.about(texts[0]).map(({ name }) => name).sort(), [...names].sort(), contract);
  }
  assert.deepEqual(wide.about(texts[0]).map(({ name }) => name).sort(), everything);
});

test("a change of state is told in each family's words", async () => {
  const id = await freshChannel(alice);
  const chat = await enter(bob, {}, id);
  const feed = await connect(bob, { server: lastServer });
  await feed.ask("join_conversation", { conversationId: id });
  const space = await workspace(bob);
  await setChatStatus(id, "closed", "spam");
  for (const client of [chat, feed]) {
    const changed = await client.hears("conversation_state_changed");
    assert.deepEqual([changed.conversation_id, changed.chat_status, changed.reason], [id, "closed", "spam"]);
    const list = await client.hears("conversation_list_updated", ({ action }) => action === "state_changed");
    assert.equal(list.chat_status, "closed");
    assert.equal((await client.hears("conversation_updated")).chat_status, "closed");
  }
  await chat.expectRefusal("conversation_closed", "chat:send", { tempId: "t", conversationId: id, text: "Hi" });
  await space.expectRefusal("conversation_closed", "message:send", { content: "Hi", channelId: id });
  for (const [path, body] of [
    [`/api/v1/conversations/${id}/messages`, { content: "Hi" }],
    ["/api/messages", { conversation_id: id, message: "Hi" }],
  ]) {
    await expectFailure(409, "conversation_closed", bob, "POST", path, body);
  }
  assert.deepEqual(chat.about(id).filter(({ name }) => name === "chat:new"), []);
});

/** What each family's client may not do, and the event by which it is told so. */
const TO_CHAT = { conversationId, tempId: "t", text: "Hi" };
const TO_CHANNEL = { channelId: conversationId, tempId: "t", content: "Hi" };
const REFUSED = [
  ["chat", charlie, "chat:join", { conversationId }, "not_found", "chat:error"],
  ["chat", charlie, "chat:send", TO_CHAT, "not_found", "chat:error"],
  ["chat", charlie, "chat:join", { conversationId: conversations.private_channel }, "not_found", "chat:error"],
  ["chat", alice, "chat:send", { ...TO_CHAT, senderId: bob.id }, "forbidden", "chat:error"],
  ["chat", alice, "typing_start", { conversationId, userId: bob.id }, "forbidden", "chat:error"],
  ["chat", charlie, "work:join", { campaignId: campaign }, "not_found", "work:error"],
  ["chat", alice, "work:join", { campaignId: campaign, userId: bob.id }, "forbidden", "work:error"],
  ["feed", charlie, "join_conversation", { conversationId }, "not_found", "error"],
  ["feed", alice, "join_conversation", { conversationId, userId: bob.id }, "forbidden", "error"],
  ["feed", alice, "join_user_room", { userId: bob.id }, "forbidden", "error"],
  ["feed", alice, "leave_user_room", { userId: bob.id }, "forbidden", "error"],
  ["feed", alice, "typing_start", { conversationId, userId: bob.id }, "forbidden", "error"],
  ["messenger", charlie, "join_conversation", conversationId, "not_found", "error"],
  ["messenger", charlie, "join_conversation", conversations.private_channel, "not_found", "error"],
  ["workspace", charlie, "message:send", TO_CHANNEL, "not_found", "message:failed"],
  ["workspace", alice, "message:send", { ...TO_CHANNEL, userId: bob.id }, "forbidden", "message:failed"],
  ["workspace", charlie, "channel:join", { channelId: conversations.private_channel }, "not_found", "error"],
  ["workspace", alice, "channel:join", { channelId: conversationId, userId: bob.id }, "forbidden", "error"],
  ["workspace", charlie, "channel:join", { channelId: conversationId }, "not_found", "error"],
];

test("what is not one's own is refused in each family's own form, and nobody hears of it", async () => {
  const { readers } = await gather();
  const clients = new Map();
  for (const [family, user, event, payload, code, fault] of REFUSED) {
    const key = `${family} ${user.username}`;
    if (!clients.has(key)) {
      const client = family === "workspace" ? await workspace(user) : await connect(user);
      if (family === "feed") await client.ask("join_user_room", { userId: user.id }); // so that typing is feed's
      clients.set(key, client);
    }
    const client = clients.get(key);
    client.forget();
    const { message } = await client.expectRefusal(code, event, payload);
    const heard = told(client).filter(({ name }) => name === fault);
    assert.equal(heard.length, 1, `${family} ${event}: ${client}`);
    assert.equal(heard[0].payload.code, code);
    assert.equal(fault === "message:failed" ? heard[0].payload.error : heard[0].payload.message, message);
  }

  const closing = `all that was heard ${uuid()}`;
  await checkHeard(readers, alice.id, closing, await ENTRANCES["POST /api/messages"](closing));
  for (const reader of readers) {
    const names = told(reader).map(({ name }) => name).sort();
    assert.deepEqual(names, expected(reader, alice.id), `${reader.seed}: ${reader}`);
  }
});
