/** Lines that break, answers that get lost, other families, events by hand: all of it to be seen in the inspector. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "./browser.mjs";
import { frames, sit } from "./panes.mjs";

test("what was missed comes after the connection, and nothing is stored twice", async () => {
  const { page, alice, bob } = await sit();
  for (const pane of [alice, bob]) await pane.enter("Direct");
  await bob.button("Cut").click();
  await bob.all.locator(".status.online").waitFor();
  await bob.button("Go offline").click();
  await bob.all.locator(".status.offline").waitFor();
  await alice.say("Said while you were away");
  await bob.say("Written while away");
  await bob.all.locator(".message.pending").getByText("Written while away").waitFor();
  await alice.all.locator(".message.mine", { hasText: "Said while you were away" }).getByText("sent").waitFor();
  assert.equal(await bob.text("Said while you were away").count(), 0);
  await bob.button("Go online").click();
  await bob.text("Said while you were away").waitFor();
  await alice.text("Written while away").waitFor();

  await bob.button("Lose next ack").click();
  await bob.say("The answer to this gets lost");
  await frames(page, "chat:send", "acknowledgement lost").waitFor();
  await frames(page, "chat:send", "sent again, same nonce", "known already").waitFor();
  await bob.all.locator(".message.pending").waitFor({ state: "detached" });
  assert.equal(await alice.text("The answer to this gets lost").count(), 1);
  assert.equal(await bob.text("The answer to this gets lost").count(), 1);
  await frames(page, "known already").click();
  await page.getByRole("button", { name: "Copy as JavaScript" }).click();
  await page.getByLabel("Program").getByText("emitWithAck").waitFor();
  await look(page, "playground-inspector", { only: /wide/ });
});

test("any event can be sent by hand, and an outsider is kept out", async () => {
  const { page, alice, bob } = await sit();
  for (const pane of [alice, bob]) await pane.enter("Direct");
  await page.getByText("Send an event by hand").click();
  const event = page.getByLabel("Event", { exact: true });
  await event.selectOption("chat:send");
  await page.getByLabel("text", { exact: true }).fill("Written into a form");
  await page.getByRole("button", { name: "Emit" }).click();
  await bob.text("Written into a form").waitFor();
  await page.getByLabel("Acknowledgement").getByText('"ok": true').waitFor();
  await look(page, "playground-form", { only: /wide-light/ });

  const conversation = await page.getByLabel(/^conversationId/).inputValue();
  await alice.all.getByLabel("First person: person").selectOption("charlie");
  await event.selectOption("chat:join");
  await page.getByLabel(/^conversationId/).fill(conversation);
  await page.getByRole("button", { name: "Emit" }).click();
  await page.getByText("not_found: Conversation not found").waitFor();
});

for (const family of ["feed", "messenger", "workspace"]) {
  test(`alice speaks chat and bob ${family}`, async () => {
    const { alice, bob } = await sit({ right: family });
    for (const pane of [alice, bob]) await pane.enter("Direct");
    await alice.say(`From chat to ${family}`);
    await bob.text(`From chat to ${family}`).waitFor();
    await bob.button("Lose next ack").click();
    await bob.say(`From ${family} to chat`);
    await alice.text(`From ${family} to chat`).waitFor();
    await bob.all.locator(".message.pending").waitFor({ state: "detached" });
    assert.equal(await alice.text(`From ${family} to chat`).count(), 1);
    assert.equal(await bob.text(`From ${family} to chat`).count(), 1);
  });
}
