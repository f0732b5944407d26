/** Lives by the recipes of docs/contracts.md, loses its connection, and says what its screen shows at the end. */

import { follow, open, send } from "./recipes.js";

const { url, tokens, conversationId } = JSON.parse(process.env.STORY);
const alice = open(url, async () => tokens.alice);
const bob = open(url, async () => tokens.bob);
const pages = [];
let screen = [];

/** The first time it claims to know more than the server, as after a restore from a backup: a gap. */
const reload = async () => {
  const headers = { Authorization: `Bearer ${tokens.alice}` };
  const answer = await fetch(`${url}/api/messages/conversations/${conversationId}/messages`, { headers });
  const { messages } = await answer.json();
  screen = messages.map(({ message }) => message);
  pages.push(messages.length);
  return pages.length === 1 ? [{ seq: 1_000_000 }] : messages;
};
const show = (name, payload) => screen.push(name === "chat:new" ? payload.message.message : name);

const until = async (check) => {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 10));
};
const say = (text) => send(bob, { conversationId, text });

follow(alice, { conversationId, reload, show });
await until(() => pages.length === 2);
await say("one");
await until(() => screen.includes("one"));

alice.io.engine.close();
await say("two");
await say("three");
await until(() => screen.includes("three"));
await alice.emitWithAck("chat:read", { conversationId });
await until(() => screen.includes("chat:read"));

console.log(screen.join(", "));
for (const socket of [alice, bob]) socket.close();
