/** The ways to say who one is, and what becomes of those who can't. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ISO, alice, assertHasKeys, bob, conversations, open, rest, signIn, tokens } from "./client.mjs";

const conversationId = conversations.direct;

const base64 = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const [, claims] = alice.token.split(".");
const unsigned = `${base64({ alg: "none", typ: "JWT" })}.${claims}.`;
const [head, , signature] = bob.token.split(".");
const login = await rest(alice, "POST", "/api/token/", { username: "alice", password: alice.password });
assert.equal(login.status, 200);

const INVALID = {
  "no token": [undefined, "not_authenticated"],
  "an empty token": ["", "not_authenticated"],
  "a token that is no text": [{ toString: "alice" }, "invalid_token"],
  "a text that is no token": ["not.a.token", "invalid_token"],
  "another user's claims under a signature": [`${head}.${claims}.${signature}`, "invalid_token"],
  "an unsigned token (alg none)": [unsigned, "invalid_token"],
  "an expired token": [tokens.expired, "token_expired"],
  "the token of a deactivated user": [tokens.deactivated, "invalid_token"],
  "a refresh token": [login.body.refresh, "invalid_token"],
};

const BY_HANDSHAKE = {
  "auth.token": (token) => ({ auth: { token } }),
  "the Authorization header": (token) => ({ extraHeaders: { Authorization: `Bearer ${token}` } }),
};

async function assertIs(user, client) {
  assert.deepEqual(await client.hears("authenticated"), { userId: user.id });
  assert.equal((await client.ask("chat:join", { conversationId })).ok, true);
}

for (const prefix of ["", "Bearer "]) {
  test(`by the event authenticate, with "${prefix}" before the token`, async () => {
    const client = open(alice);
    client.socket.emit("authenticate", { token: prefix + alice.token });
    await assertIs(alice, client);
  });

  test(`by auth.token, with "${prefix}" before the token`, async () => {
    await assertIs(alice, open(alice, { auth: { token: prefix + alice.token } }));
  });
}

test("by the Authorization header", async () => {
  await assertIs(bob, open(bob, { extraHeaders: { Authorization: `Bearer ${bob.token}` } }));
});

test("by a token that the REST API has just given out", async () => {
  await assertIs(alice, open(alice, { auth: { token: login.body.access } }));
});

test("the acknowledgement of authenticate says it too", async () => {
  const answer = await open(alice).ask("authenticate", { token: alice.token });
  assert.deepEqual(answer, { ok: true, userId: alice.id });
});

for (const [what, [token, code]] of Object.entries(INVALID)) {
  test(`by the event, ${what} hears why and is disconnected`, async () => {
    const client = open(alice);
    client.socket.emit("authenticate", { token });
    const error = await client.hears("auth_error");
    assertHasKeys(error, ["message", "code"]);
    assert.equal(error.code, code);
    assert.equal(typeof error.message, "string");
    assert.equal(await client.hears("disconnect"), "io server disconnect");
    assert.deepEqual(client.order(), ["connect", "auth_error", "disconnect"]);
  });
}

for (const [where, options] of Object.entries(BY_HANDSHAKE)) {
  for (const [what, [token, code]] of Object.entries(INVALID)) {
    if (typeof token !== "string" || token === "") continue; // the header has no such values
    test(`by ${where}, ${what} is refused the connection`, async () => {
      const client = open(alice, options(token));
      const error = await client.hears("connect_error");
      assert.match(error.message, /^Authentication error: ./);
      assert.equal(error.data.code, code);
      assert.deepEqual(client.order(), ["connect_error"]);
      assert.equal(client.socket.connected, false);
    });
  }
}

for (const token of ["", null, 7]) {
  test(`by auth.token, ${JSON.stringify(token)} is refused the connection`, async () => {
    const error = await open(alice, { auth: { token } }).hears("connect_error");
    assert.match(error.message, /^Authentication error: ./);
    assert.ok(["not_authenticated", "invalid_token"].includes(error.data.code));
  });
}

test("who has not authenticated can do nothing else", async () => {
  const client = open(alice);
  const message = { tempId: "temp_early", conversationId, text: "too early" };
  await client.expectRefusal("not_authenticated", "chat:join", { conversationId });
  await client.expectRefusal("not_authenticated", "chat:send", message);
  await client.expectRefusal("not_authenticated", "chat:sync", { conversationId, afterSeq: 0 });
  assert.equal(client.socket.connected, true);
  client.socket.emit("authenticate", { token: alice.token });
  await assertIs(alice, client);
});

test("authenticating again renews the token", async () => {
  const client = await signIn(alice);
  client.forget();
  client.socket.emit("authenticate", { token: login.body.access });
  await assertIs(alice, client);
});

test("authenticating again as somebody else is refused", async () => {
  const client = await signIn(alice);
  client.socket.emit("authenticate", { token: bob.token });
  assert.equal((await client.hears("auth_error")).code, "forbidden");
  assert.equal(client.of("authenticated").length, 1);
});

test("a token that ends within a minute is announced, and a new one takes its place", async () => {
  const client = open(alice, { auth: { token: tokens.expiring } });
  const { expiresAt } = await client.hears("auth:expiring");
  const seconds = (new Date(expiresAt) - Date.now()) / 1_000;
  assert.ok(seconds > 0 && seconds <= 60, expiresAt);
  assert.match(expiresAt, ISO);
  client.socket.emit("authenticate", { token: alice.token });
  await client.hearsAll(2, "authenticated");
  await assertIs(alice, client);
});
