/** The least that the debug checklist of seed 000 is about: bob is there, alice sends one message. */

import { test } from "node:test";
import { alice, bob, enter, fence } from "./client.mjs";

test("alice sends bob a message", async () => {
  const [sender, receiver] = [await enter(alice), await enter(bob)];
  const { id } = await sender.say("Is this logged?");
  await receiver.hears("conversation_list_updated", ({ message }) => message.id === id);
  await fence(receiver);
});
