/** Alice and bob are led from the request to free chat: they see cards and press what is on them, nothing else. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import {
  alice, bob, charlie, enter, fence, get, lastServer, post, rest, seqOf, servers, signIn, uuid,
} from "./client.mjs";

const { secret } = JSON.parse(process.env.STORY);
const CONVERSATIONS = "/api/messages/conversations";
const away = { server: lastServer };
const DAY = 24 * 60 * 60 * 1000;
const inDays = (days) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

/** A bid that no other story knows, both in it; bob, who is asked, on the last server. */
async function freshBid() {
  const opened = { type: "bid", receiver_id: bob.id, source_id: uuid(), title: "Cold brew reel" };
  const { conversation } = await post(alice, CONVERSATIONS, opened);
  const { id } = conversation;
  return { id, brand: await sit(alice, id), creator: await sit(bob, id, away) };
}

/** A client that keeps the newest card that it is shown, as one written by the guide does. */
async function sit(user, id, options) {
  const client = await enter(user, options, id);
  client.card = (await get(user, `${CONVERSATIONS}/${id}/context`)).context.conversation.current_action_data;
  client.socket.on("conversation_list_updated", (update) => {
    if (update.conversation_id === id && update.action === "state_changed") client.card = update.current_action_data;
  });
  return client;
}

/** Press a button of the card on the screen, and wait until both know where that has led. */
async function press(bid, client, action, data, state) {
  const button = client.card.buttons.find((each) => each.action === action);
  assert.ok(button, `${client.user.username} is not shown ${action}`);
  const payload = { conversationId: bid.id, action, data, stateSeq: client.card.state_seq, clientNonce: uuid() };
  const answer = await client.ask("chat:action", payload);
  assert.deepEqual([answer.ok, answer.replayed, answer.flow_state], [true, false, state]);
  const told = await client.hears("chat:action_ack", ({ clientNonce }) => clientNonce === payload.clientNonce);
  assert.deepEqual([told.action, told.state_seq], [action, answer.state_seq]);
  await reach(bid, state, answer.state_seq);
}

/** Wait until both have come to a state, by what they hear. */
async function reach(bid, state) {
  for (const client of [bid.brand, bid.creator]) {
    const here = (update) => update.conversation_id === bid.id && update.flow_state === state;
    await client.hears("conversation_list_updated", here);
  }
}

/** Report something as the payment provider does: signed. */
async function report(bid, event, data = {}, server = 0) {
  const body = JSON.stringify({ id: uuid(), event, conversation_id: bid.id, data });
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", secret).update(`${at}.${body}`).digest("hex");
  const headers = { "Content-Type": "application/json", "Stoory-Signature": `t=${at},v1=${signature}` };
  const response = await fetch(`${servers[server]}/api/flows/events`, { method: "POST", headers, body });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer.results[0];
}

/** As far as an offer of alice's. */
async function offered() {
  const bid = await freshBid();
  await press(bid, bid.creator, "accept_connection", {}, "brand_owner_details");
  const details = { deliverables: "One reel of 30 seconds", deadline: inDays(30) };
  await press(bid, bid.brand, "send_project_details", details, "influencer_reviewing");
  await press(bid, bid.creator, "accept_project", {}, "brand_owner_pricing");
  await press(bid, bid.brand, "send_price_offer", { price: "9000" }, "influencer_price_response");
  return bid;
}

test("from the request to free chat", async () => {
  const bid = await offered();
  const { brand, creator } = bid;
  await creator.expectRefusal("automated_mode", "chat:send", { conversationId: bid.id, text: "Hi", tempId: "t1" });

  await press(bid, creator, "negotiate_price", { price: "11500" }, "brand_owner_negotiation");
  await press(bid, brand, "accept_negotiated_price", {}, "payment_pending");
  const ordered = { action: "proceed_to_payment", state_seq: brand.card.state_seq };
  const stepped = await post(alice, `${CONVERSATIONS}/${bid.id}/actions`, ordered, away); // by REST, heard all the same
  await brand.hears("chat:actions_renewed", ({ state_seq }) => state_seq === stepped.state_seq);
  const { outcome } = await report(bid, "payment.captured", { payment_id: `p-${bid.id}` }, lastServer);
  assert.equal(outcome, "applied");
  await reach(bid, "work_in_progress");
  await press(bid, creator, "submit_work", { work_notes: "Here it is" }, "work_submitted");
  await press(bid, brand, "approve_work", {}, "work_approved");
  await report(bid, "payout.succeeded");
  await reach(bid, "real_time");

  assert.deepEqual([brand.card, creator.card], [null, null]);
  const { id } = await creator.say("Thank you, Alice", { conversationId: bid.id });
  assert.equal((await brand.hears("chat:new", ({ message }) => message.id === id)).message.message, "Thank you, Alice");
  await brand.say("Thank you, Bob", { conversationId: bid.id });
  await creator.hears("chat:new", ({ message }) => message.message === "Thank you, Bob");
});

test("each hears what it is told and nothing that the other is", async () => {
  const bid = await offered();
  await fence(bid.brand, bid.creator);
  for (const [client, other] of [[bid.brand, bid.creator], [bid.creator, bid.brand]]) {
    const mine = await history(client, bid.id);
    const theirs = (await history(other, bid.id)).filter(({ id }) => !mine.some((message) => message.id === id));
    assert.ok(theirs.length > 0);
    for (const { id, message } of theirs) {
      assert.deepEqual(client.about(id), []);
      assert.deepEqual(client.about(JSON.stringify(message)), []);
    }
    const { role } = (await get(client.user, CONVERSATIONS)).conversations.find(({ id }) => id === bid.id);
    assert.deepEqual(client.about(`"visible_to":"${role === "influencer" ? "brand_owner" : "influencer"}"`), []);
    const heard = client.of("chat:automated").map(({ message }) => message.message);
    assert.deepEqual(heard, mine.map(({ message }) => message).slice(-heard.length));
  }
});

async function history(client, id) {
  return (await get(client.user, `${CONVERSATIONS}/${id}/messages?limit=100`)).messages;
}

test("who comes back is told what it missed, as it was told", async () => {
  const bid = await offered();
  await fence(bid.creator);
  const back = await signIn(bob, away);
  const joined = await back.join(bid.id, { afterSeq: 0 });
  const place = (event) => `${event.name} ${seqOf(event)}`;
  const live = new Map(bid.creator.heard.filter(seqOf).map((event) => [place(event), event.payload]));
  const again = back.heard.filter((event) => live.has(place(event)));
  assert.equal(again.length, 10); // of four steps: their messages and states, and bob's two buttons
  for (const event of again) assert.deepEqual(event.payload, live.get(place(event)));
  const texts = back.of("chat:automated").map(({ message }) => message.message);
  assert.deepEqual(texts, (await history(back, bid.id)).map(({ message }) => message));
  assert.equal(joined.gap, undefined);
});

test("impatient clicks from two tabs are one step", async () => {
  const bid = await freshBid();
  const tab = await sit(bob, bid.id);
  const payload = { conversationId: bid.id, action: "accept_connection", stateSeq: 1, clientNonce: uuid() };
  const clicking = [bid.creator, tab, bid.creator, tab, bid.creator, tab];
  const answers = await Promise.all(clicking.map((client) => client.ask("chat:action", payload)));
  assert.deepEqual(answers.map(({ ok }) => ok), Array(6).fill(true));
  assert.deepEqual(answers.map(({ replayed }) => replayed).sort(), [false, ...Array(5).fill(true)]);
  await reach(bid, "brand_owner_details");
  await fence(bid.brand, bid.creator, tab);
  for (const client of [bid.brand, bid.creator, tab]) assert.equal(client.of("conversation_state_changed").length, 1);
  for (const client of [bid.creator, tab]) assert.equal(client.of("chat:action_done").length, 1);
  assert.equal(bid.brand.of("chat:action_done").length, 0);
});

test("what does not fit is refused, with what is wrong with which answer", async () => {
  const bid = await offered();
  const seq = bid.creator.card.state_seq;
  const pressed = { conversationId: bid.id, action: "negotiate_price", data: { price: "1" }, stateSeq: seq };
  const error = await bid.creator.expectRefusal("invalid_input", "chat:action", pressed);
  assert.deepEqual(error.fields, { price: "must be between 100 and 5000000" });
  assert.deepEqual(error.current, { state_seq: seq, flow_state: "influencer_price_response" });
  assert.deepEqual((await bid.creator.hears("chat:error")).fields, error.fields);
  await bid.brand.expectRefusal("wrong_role", "chat:action", { conversationId: bid.id, action: "accept_price" });
  const old = { conversationId: bid.id, action: "accept_connection", stateSeq: 1, data: { a: 1 } };
  await bid.creator.expectRefusal("stale_action", "chat:action", old);
  const forged = { id: uuid(), event: "payment.captured", conversation_id: bid.id, data: { payment_id: "mine" } };
  assert.equal((await rest(charlie, "POST", "/api/flows/events", forged)).status, 401);
  await fence(bid.brand, bid.creator);
  assert.equal(bid.creator.card.state_seq, seq);
});
