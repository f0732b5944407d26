/** A socket that does not say who it is may not stay. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, conversations, open, signIn } from "./client.mjs";

test("who says nothing hears auth_error and is disconnected; who has said it stays", async () => {
  const [silent, known] = [open(alice), await signIn(alice)];
  const handshake = open(alice, { auth: { token: alice.token } });
  await handshake.hears("authenticated");

  const error = await silent.hears("auth_error");
  assert.equal(error.code, "not_authenticated");
  assert.equal(typeof error.message, "string");
  assert.equal(await silent.hears("disconnect"), "io server disconnect");
  assert.deepEqual(silent.order(), ["connect", "auth_error", "disconnect"]);

  for (const client of [known, handshake]) {
    assert.equal((await client.ask("chat:join", { conversationId: conversations.direct })).ok, true);
  }
});
