/** The work rooms of seed 001: a campaign's owner, who works in it, staff, and an outsider. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ISO, alice, bob, charlie, fence, lastServer, post, rest, servers, signIn, staff, uuid,
} from "./client.mjs";
import { expectFailure, setChatStatus } from "./families.mjs";

const away = { server: lastServer };
const BRIEF = { kind: "brief_changed", data: { version: 2 } };
const updatesOf = (campaignId) => `/api/campaigns/${campaignId}/updates`;

/** A campaign of alice's, in which bob works. */
async function freshCampaign() {
  const campaignId = uuid();
  const opened = { type: "campaign", receiver_id: bob.id, source_id: campaignId };
  const { conversation } = await post(alice, "/api/messages/conversations", opened);
  return { campaignId, conversationId: conversation.id };
}

async function follow(user, campaignId, options) {
  const client = await signIn(user, options);
  client.socket.emit("work:join", { campaignId });
  assert.deepEqual(await client.hears("work:joined"), { campaignId });
  client.forget();
  return client;
}

test("its owner's updates reach all who follow the campaign, once", async () => {
  const { campaignId } = await freshCampaign();
  const members = [await follow(alice, campaignId), await follow(bob, campaignId, away)];
  const followers = [...members, await follow(staff, campaignId)];
  const posted = await post(alice, updatesOf(campaignId), BRIEF);
  const { timestamp } = posted.update;
  assert.match(timestamp, ISO);
  assert.deepEqual(posted, { success: true, update: { campaign_id: campaignId, ...BRIEF, timestamp } });
  for (const client of followers) {
    assert.deepEqual(await client.hears("work:updated"), { campaignId, ...BRIEF, timestamp });
  }
  await post(staff, updatesOf(campaignId), { kind: "approved" }, away);
  for (const client of followers) {
    const approved = await client.hears("work:updated", ({ kind }) => kind === "approved");
    assert.equal(approved.data, null);
  }
  await fence(...members);
  await followers.at(-1).ask("fence"); // on the first server, which has heard of all by now
  for (const client of followers) assert.equal(client.of("work:updated").length, 2);
});

test("so does a change of state in one of its conversations", async () => {
  const { campaignId, conversationId } = await freshCampaign();
  const follower = await follow(bob, campaignId, away);
  await setChatStatus(conversationId, "real_time", "agreed");
  const update = await follower.hears("work:updated", ({ chat_status }) => chat_status === "real_time");
  assert.match(update.timestamp, ISO);
  assert.equal(update.kind, "state_changed");
  assert.deepEqual([update.campaignId, update.conversationId], [campaignId, conversationId]);
  assert.ok("flow_state" in update && "awaiting_role" in update);
});

test("who leaves hears no more", async () => {
  const { campaignId } = await freshCampaign();
  const [stays, leaves] = [await follow(alice, campaignId), await follow(bob, campaignId, away)];
  assert.deepEqual(await leaves.ask("work:leave", { campaignId }), { ok: true });
  assert.deepEqual(await leaves.ask("work:leave", { campaignId }), { ok: true });
  await post(alice, updatesOf(campaignId), BRIEF);
  await stays.hears("work:updated");
  await fence(leaves);
  assert.deepEqual(leaves.of("work:updated"), []);
});

test("an outsider is told what is told of a campaign that does not exist, and hears nothing", async () => {
  const { campaignId } = await freshCampaign();
  const insider = await follow(alice, campaignId);
  const outsider = await signIn(charlie, away);
  for (const id of [campaignId, uuid()]) {
    outsider.forget();
    const error = await outsider.expectRefusal("not_found", "work:join", { campaignId: id });
    assert.deepEqual(error, { code: "not_found", message: "Campaign not found" });
    assert.deepEqual(await outsider.hears("work:error"), { message: "Campaign not found", code: "not_found" });
    const refused = await expectFailure(404, "not_found", charlie, "POST", updatesOf(id), BRIEF);
    assert.equal(refused.message, "Campaign not found");
  }
  await expectFailure(403, "forbidden", bob, "POST", updatesOf(campaignId), BRIEF);
  await expectFailure(403, "forbidden", alice, "POST", updatesOf(campaignId), { ...BRIEF, userId: bob.id });
  outsider.forget();
  for (const server of servers.keys()) {
    assert.equal((await rest(alice, "POST", updatesOf(campaignId), BRIEF, { server })).status, 201);
  }
  await insider.hearsAll(servers.length, "work:updated");
  await fence(outsider);
  assert.deepEqual(outsider.about(campaignId), []);
});
