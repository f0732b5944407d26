/** A client that disconnects is done: nothing of it may stay open, or its process could not end by itself. */

import { test } from "node:test";
import { alice, signIn } from "./client.mjs";

test("alice comes and goes", async () => {
  const { socket } = await signIn(alice);
  socket.disconnect();
});
