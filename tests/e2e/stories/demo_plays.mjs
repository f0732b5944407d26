/** The demo's bid, from the request to free chat: the people press, the provider and the worker do the rest. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, bob, conversations, enter, post, uuid } from "./client.mjs";

const conversationId = conversations.bid;
const day = 24 * 60 * 60 * 1000;

/** Press a button by REST, and wait until everybody knows where that led. */
async function press(user, action, data, state, clients) {
  const path = `/api/messages/conversations/${conversationId}/actions`;
  const stepped = await post(user, path, { action, data, client_nonce: uuid() });
  assert.equal(stepped.replayed, false);
  await hear(state, clients);
}

async function hear(state, clients) {
  const here = ({ conversation_id, new_state }) => conversation_id === conversationId && new_state === state;
  await Promise.all(clients.map((client) => client.hears("conversation_state_changed", here)));
}

test("the demo plays on by itself where the provider has the word", async () => {
  const clients = [await enter(alice, {}, conversationId), await enter(bob, {}, conversationId)];
  const deadline = new Date(Date.now() + 30 * day).toISOString().slice(0, 10);
  const project = { deliverables: "One reel of 30 seconds", deadline };

  await press(bob, "accept_connection", {}, "brand_owner_details", clients);
  await press(alice, "send_project_details", project, "influencer_reviewing", clients);
  await press(bob, "accept_project", {}, "brand_owner_pricing", clients);
  await press(alice, "send_price_offer", { price: "9000.00" }, "influencer_price_response", clients);
  await press(bob, "accept_price", {}, "payment_pending", clients);
  await press(alice, "proceed_to_payment", {}, "work_in_progress", clients);
  const work = { work_url: "https://example.org/reel", work_notes: "Here it is." };
  await press(bob, "submit_work", work, "work_submitted", clients);
  await press(alice, "approve_work", {}, "work_approved", clients);
  await hear("real_time", clients);

  const text = `at last ${uuid()}`;
  await clients[0].say(text, { conversationId });
  await clients[1].hears("chat:new", ({ message }) => message.message === text);
});
