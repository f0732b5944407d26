/** Every server is restarted in turn under people who write: all they say is stored and heard, once and in order. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import { alice, assertConsecutive, bob, Client, conversations, uuid } from "./client.mjs";

const BETWEEN_MS = 20;
const ANSWER_MS = 3_000;
const THE_END = "all servers are back";
const conversationId = conversations.direct;

/** A client as the guides write it, which comes back by itself and asks for what it missed. */
function person(user, transport) {
  const client = new Client(user, 0, {
    transports: [transport], auth: { token: user.token }, reconnection: true, reconnectionDelay: 100,
    reconnectionDelayMax: 500,
  });
  client.socket.on("connect", () => {
    const places = client.of("chat:new").map(({ message }) => message.seq);
    const afterSeq = places.length ? Math.max(...places) : undefined;
    client.socket.emit("chat:join", { conversationId, ...(afterSeq && { afterSeq }) });
  });
  return client;
}

async function say(client, text) {
  const once = { tempId: text, conversationId, text, clientNonce: uuid() };
  for (;;) {
    try {
      const answer = await client.socket.timeout(ANSWER_MS).emitWithAck("chat:send", once);
      assert.equal(answer.ok, true, JSON.stringify(answer));
      return answer.message.id;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error; // else no answer: the same again
    }
  }
}

test("nothing is lost and nothing doubled", async () => {
  const people = [];
  for (const user of [alice, bob]) {
    for (const transport of ["websocket", "polling"]) people.push(person(user, transport));
  }
  await Promise.all(people.map((client) => client.hears("chat:joined")));
  const first = people.map((client) => client.of("chat:joined")[0].lastSeq);

  let isOver = false;
  const over = Promise.all(
    people.map(async (client) => {
      while (!client.of("chat:new").some(({ message }) => message.message === THE_END)) {
        await new Promise((resolve) => { client.socket.once("chat:new", resolve); });
      }
    }),
  ).then(() => { isOver = true; });
  const said = [];
  await Promise.all(
    people.map(async (client, who) => {
      for (let number = 0; !isOver; number += 1) {
        said.push(await say(client, `${who}/${number}`));
        await pause(BETWEEN_MS);
      }
    }),
  );
  await over;
  for (const [who, client] of people.entries()) {
    const said_last = await say(client, `${who}/last`);
    said.push(said_last);
  }

  for (const [who, client] of people.entries()) {
    for (let number = 0; number < people.length; number += 1) {
      await client.hears("chat:new", ({ message }) => message.message === `${number}/last`);
    }
    assertConsecutive(client.of("chat:new").map(({ message }) => message.seq), first[who]);
    const heard = client.of("chat:new").map(({ message }) => message.id);
    for (const id of said) assert.ok(heard.includes(id), `${id} was not heard`);
    assert.equal(heard.length, said.length + 1);
    assert.ok(client.of("disconnect").length > 0, "nobody restarted its server");
  }
});
