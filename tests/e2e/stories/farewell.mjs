/** The server is told to stop while people are connected. */

import { test } from "node:test";
import { alice, bob, enter, pid } from "./client.mjs";

test("everybody hears that the server goes", async () => {
  const clients = [await enter(alice), await enter(bob)];
  process.kill(pid, "SIGTERM");
  for (const client of clients) await client.hears("disconnect");
});
