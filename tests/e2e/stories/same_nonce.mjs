/** A client that retries in panic, by every door at once. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice, bob, conversations, enter, fence, lastServer, messagesAfter, rest, servers, signIn, uuid,
} from "./client.mjs";

const conversationId = conversations.direct;

test("the same nonce twenty times at once, over all servers and REST, is one message", async () => {
  const receiver = await enter(bob, { server: lastServer });
  const senders = [];
  for (let number = 0; number < 4; number += 1) {
    senders.push(await signIn(alice, { server: number % servers.length }));
  }
  const clientNonce = uuid();

  const bySocket = Array.from({ length: 12 }, (_, number) =>
    senders[number % senders.length].ask("chat:send", {
      tempId: `temp_${number}`, conversationId, text: "only once", attachments: null, metadata: null, clientNonce,
    }),
  );
  const byRest = Array.from({ length: 8 }, (_, number) => {
    const payload = { conversation_id: conversationId, message: "only once" };
    const server = { server: number % servers.length };
    return number % 2
      ? rest(alice, "POST", "/api/messages", { ...payload, client_nonce: clientNonce }, server)
      : rest(alice, "POST", "/api/messages", payload, { ...server, headers: { "Idempotency-Key": clientNonce } });
  });
  const [answers, responses] = [await Promise.all(bySocket), await Promise.all(byRest)];

  const stored = await messagesAfter(receiver.lastSeq);
  assert.equal(stored.length, 1);
  const [{ id }] = stored;
  for (const answer of answers) assert.equal(answer.message?.id, id, JSON.stringify(answer));
  for (const { body } of responses) assert.equal(body.message?.id, id, JSON.stringify(body));
  const firsts = answers.filter(({ duplicate }) => !duplicate).length;
  const created = responses.filter(({ status }) => status === 201).length;
  assert.equal(firsts + created, 1);
  assert.ok(responses.every(({ status }) => [200, 201].includes(status)));

  for (const [index, sender] of senders.entries()) {
    const mine = await sender.hearsAll(3, "chat:ack");
    assert.deepEqual(mine.map(({ tempId }) => tempId), [0, 4, 8].map((step) => `temp_${step + index}`));
  }
  await fence(receiver);
  assert.deepEqual(receiver.of("chat:new").map(({ message }) => message.id), [id]);
  assert.equal(receiver.about(id).filter(({ name }) => name === "conversation_list_updated").length, 1);
});
