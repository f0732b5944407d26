/** The last server is killed under a user, who does not come back: peers on the others hear it, once. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { bob, get, open, pid, post, servers, signIn, staff, tokens } from "./client.mjs";

const LIMIT_MS = 60_000;
const survivors = [...servers.keys()].slice(0, -1);
const dora = { ...tokens.dora, username: "dora" };
const aboutDora = (client) => client.of("presence:changed").filter(({ userId }) => userId === dora.id);

async function changed(client) {
  for (;;) {
    const [change] = await once(client.socket, "presence:changed");
    if (change.userId === dora.id) return change;
  }
}

/** Whatever the survivors had to tell has arrived. */
async function fenceSurvivors(client) {
  for (const server of survivors) {
    const { message } = await post(staff, "/api/messages", { receiver_id: bob.id, message: "fence" }, { server });
    await client.hears("conversation_list_updated", (update) => update.message?.id === message.id);
  }
}

test("the users of a killed server go offline within a minute, once", async () => {
  const opened = { type: "direct", receiver_id: dora.id };
  const { conversation } = await post(bob, "/api/messages/conversations", opened);
  const path = `/api/messages/conversations/${conversation.id}/context`;
  const person = async () => (await get(bob, path)).context.users.other;
  const peers = await Promise.all(survivors.map((server) => signIn(bob, { server })));

  const online = Promise.all(peers.map(changed));
  open(dora, { server: servers.length - 1, auth: { token: dora.token } });
  for (const change of await online) assert.deepEqual(change, { userId: dora.id, online: true, lastSeen: null });
  assert.equal((await person()).online, true);

  const offline = Promise.all(peers.map(changed));
  const killed = Date.now();
  process.kill(pid, "SIGKILL");
  const [{ lastSeen }] = await offline;
  assert.ok(Date.now() - killed < LIMIT_MS);

  const { online: isOnline, last_seen } = await person();
  assert.deepEqual({ isOnline, last_seen }, { isOnline: false, last_seen: lastSeen });
  for (const peer of peers) {
    await fenceSurvivors(peer);
    assert.deepEqual(aboutDora(peer).map(({ online: told }) => told), [true, false]);
  }
});
