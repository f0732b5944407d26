/** What no client should send: each is answered with a code, changes nothing, and reaches nobody. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  MESSAGE_KEYS, alice, assertHasKeys, bob, charlie, conversations, enter, expectSilence, lastSeq, lastServer, signIn,
  uuid,
} from "./client.mjs";

const conversationId = conversations.direct;
const NUL = "a\u0000b";
const LONE_SURROGATE = "a\ud800b";

const message = (fields) => ({
  tempId: "temp_bad",
  conversationId,
  text: "never stored",
  clientNonce: uuid(),
  ...fields,
});
const nested = (depth) => (depth ? { deeper: nested(depth - 1) } : {});
const nestedList = (depth) => (depth ? [nestedList(depth - 1)] : []);

const BAD_MESSAGES = {
  "text missing": { text: undefined },
  "text null": { text: null },
  "text empty": { text: "" },
  "text of spaces": { text: " \n\t " },
  "text too long": { text: "x".repeat(10_001) },
  "text a number": { text: 42 },
  "text an object": { text: { toString: "hello" } },
  "text a list": { text: ["hello"] },
  "text with NUL": { text: NUL },
  "text with a lone surrogate": { text: LONE_SURROGATE },
  "text missing, attachments empty": { text: undefined, attachments: [] },
  "attachments a text": { attachments: "cat.png" },
  "attachments with NUL": { attachments: { name: NUL } },
  "metadata a list": { metadata: [1] },
  "metadata with a lone surrogate": { metadata: { [LONE_SURROGATE]: 1 } },
  "metadata nested 200 deep": { metadata: nested(200) },
  "attachments nested 200 deep": { attachments: nestedList(200) },
  "text nested 200 deep": { text: nested(200) },
  "nonce too long": { clientNonce: "n".repeat(129) },
  "nonce a number": { clientNonce: 7 },
  "nonce an object": { clientNonce: { a: 1 } },
  "nonce with NUL": { clientNonce: NUL },
  "nonce with a lone surrogate": { clientNonce: LONE_SURROGATE },
  "tempId too long": { tempId: "t".repeat(129) },
  "tempId a number": { tempId: 7 },
  "tempId a list": { tempId: ["temp"] },
  "tempId with NUL": { tempId: NUL },
  "conversationId missing": { conversationId: undefined },
  "conversationId a number": { conversationId: 1 },
  "conversationId an object": { conversationId: { $ne: null } },
  "replyToId a number": { replyToId: 1 },
};

const NO_OBJECTS = {
  "no payload": [],
  null: [null],
  "a text": [conversationId],
  "a number": [42],
  "a list": [[conversationId]],
  "nested 200 deep": [nestedList(200)],
};

const EVENTS = ["chat:join", "chat:leave", "chat:send", "chat:read", "chat:sync", "typing_start", "typing_stop"];

const BAD_VALUES = {
  "chat:join": [{ afterSeq: "5" }, { afterSeq: 1.5 }, { conversationId: null }, { conversationId: [conversationId] }],
  "chat:read": [{ messageIds: "all" }, { messageIds: [1] }, { upToMessageId: 5 }, { messageIds: [null] }],
  "chat:sync": [{ afterSeq: undefined }, { afterSeq: "0" }, { limit: "many" }],
  typing_start: [{ userId: 5 }, { conversationId: undefined }],
};

/** Alice is in and bob listens; whatever alice sends, nothing is stored, and bob hears nothing. */
async function expectNothingFrom(sendBadly) {
  const [sender, receiver] = [await enter(alice), await enter(bob, { server: lastServer })];
  await sendBadly(sender);
  assert.equal(await lastSeq(), sender.lastSeq, "something was stored");
  await expectSilence(conversationId, receiver);
  const { seq } = await sender.say("good again");
  assert.equal(seq, sender.lastSeq + 1);
  assert.equal((await receiver.hears("chat:new")).message.message, "good again");
  assertHasKeys(receiver.of("chat:new")[0].message, MESSAGE_KEYS);
}

test("a bad message", () =>
  expectNothingFrom(async (sender) => {
    for (const [what, fields] of Object.entries(BAD_MESSAGES)) {
      sender.forget();
      const error = await sender.expectRefusal("invalid_payload", "chat:send", message(fields));
      assert.equal(typeof error.path, "string", `${what}: no path of the fault`);
      const heard = await sender.hears("chat:error");
      assertHasKeys(heard, ["message", "code", "event"]);
      assert.equal(heard.code, "invalid_payload", what);
      assert.equal(heard.event, "chat:send", what);
      if (!("tempId" in fields)) assert.equal(heard.tempId, "temp_bad", what);
    }
  }));

for (const [what, payload] of Object.entries(NO_OBJECTS)) {
  test(`a payload that is no object: ${what}`, () =>
    expectNothingFrom(async (sender) => {
      for (const event of EVENTS) await sender.expectRefusal("invalid_payload", event, ...payload);
    }));
}

test("bad values in other events", () =>
  expectNothingFrom(async (sender) => {
    for (const [event, cases] of Object.entries(BAD_VALUES)) {
      for (const fields of cases) {
        await sender.expectRefusal("invalid_payload", event, { conversationId, afterSeq: 0, ...fields });
      }
    }
  }));

test("an event over 64 KB", () =>
  expectNothingFrom(async (sender) => {
    for (const fields of [{ text: "x".repeat(70_000) }, { metadata: { filler: "x".repeat(70_000) } }]) {
      await sender.expectRefusal("payload_too_large", "chat:send", message(fields));
    }
  }));

for (const [what, fields] of Object.entries({
  "a packet over the connection's limit": { text: "x".repeat(2_000_000) },
  "binary data": { attachments: Buffer.from("not JSON") },
})) {
  test(`${what} costs the sender the connection, and nobody else anything`, () =>
    expectNothingFrom(async (sender) => {
      const reckless = await enter(alice);
      reckless.socket.emit("chat:send", message(fields));
      await reckless.hears("disconnect");
      assert.equal(sender.socket.connected, true);
    }));
}

test("events that nobody knows", () =>
  expectNothingFrom(async (sender) => {
    for (const event of ["chat:destroy", "sendMessage", "toString", "__proto__", "x".repeat(1_000), "é\u0000"]) {
      await sender.expectRefusal("unknown_event", event, message());
    }
  }));

test("conversations that are not there", () =>
  expectNothingFrom(async (sender) => {
    for (const id of [uuid(), "not-a-uuid", "", "1 OR 1=1", NUL, LONE_SURROGATE, "x".repeat(5_000)]) {
      for (const event of EVENTS.filter((name) => name !== "chat:leave")) {
        const payload = { ...message(), conversationId: id, afterSeq: 0 };
        const { message: text } = await sender.expectRefusal("not_found", event, payload);
        assert.equal(text, "Conversation not found");
      }
    }
  }));

test("a conversation that one is not in", () =>
  expectNothingFrom(async () => {
    const outsider = await signIn(charlie);
    const { message: text } = await outsider.expectRefusal("not_found", "chat:send", message());
    assert.equal(text, "Conversation not found");
  }));

test("somebody else's identity", () =>
  expectNothingFrom(async (sender) => {
    for (const event of ["chat:send", "typing_start", "typing_stop", "chat:read"]) {
      await sender.expectRefusal("forbidden", event, { ...message(), userId: bob.id });
    }
    await sender.expectRefusal("forbidden", "chat:send", message({ senderId: bob.id }));
  }));

test("messages to mark that are not there change nothing", () =>
  expectNothingFrom(async (sender) => {
    for (const fields of [{ messageIds: [uuid(), "nonsense", NUL] }, { upToMessageId: uuid() }, { messageIds: [] }]) {
      assert.equal((await sender.ask("chat:read", { conversationId, ...fields })).ok, true);
    }
    assert.deepEqual(sender.of("chat:read"), []);
  }));

test("the longest message allowed", async () => {
  const [sender, receiver] = [await enter(alice), await enter(bob, { server: lastServer })];
  const text = "€".repeat(10_000); // 30 KB
  await sender.say(text, { tempId: "t".repeat(128), clientNonce: uuid().padEnd(128, "n") });
  assert.equal((await receiver.hears("chat:new")).message.message, text);
});

test("a burst of good and bad: each bad one fails alone", async () => {
  const [sender, receiver] = [await enter(alice), await enter(bob, { server: lastServer })];
  const fields = [{}, { text: "" }, {}, { conversationId: uuid() }, {}, { text: 5 }, { replyToId: uuid() }, {}];
  const answers = await Promise.all(fields.map((some) => sender.ask("chat:send", message({ text: "good", ...some }))));
  assert.deepEqual(answers.map(({ ok }) => ok), [true, false, true, false, true, false, false, true]);
  const heard = await receiver.hearsAll(4, "chat:new");
  assert.deepEqual(heard.map(({ message: { seq } }) => seq), [1, 2, 3, 4].map((step) => sender.lastSeq + step));
  assert.equal(await lastSeq(), sender.lastSeq + 4);
});
