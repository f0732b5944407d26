/** Two people in the playground, side by side: they chat, negotiate, and have it on a phone. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { charlie, look, open } from "./browser.mjs";
import { show, sit } from "./panes.mjs";

test("the landing page tells what runs and where everything is", async () => {
  const page = await open("/");
  for (const part of ["database", "bus", "worker"]) await page.getByText(part, { exact: true }).waitFor();
  await look(page, "landing");
  await page.getByRole("link", { name: "Playground" }).click();
  await page.getByRole("heading", { name: "Who are you here?" }).first().waitFor();
  await look(page, "playground-welcome", { only: /light/ });
});

test("two people chat", async () => {
  const { page, alice, bob } = await sit();
  await look(page, "playground-list", { only: /wide-dark/ });
  for (const pane of [alice, bob]) await pane.enter("Direct");
  await bob.typesUntil(alice.all.getByText("Bob Influencer is typing…"));
  await bob.say("You are early, Alice");
  await alice.text("You are early, Alice").waitFor();
  await bob.all.locator(".message", { hasText: "You are early, Alice" }).getByText("read").waitFor();

  const message = alice.all.locator(".message", { hasText: "You are early, Alice" });
  await message.hover();
  await message.getByRole("button", { name: "React ❤" }).click();
  await bob.button("❤ 1, react too").waitFor();
  await message.hover();
  await message.getByRole("button", { name: "Reply" }).click();
  await alice.say("The early brand gets the reel");
  const mine = bob.all.locator(".message", { hasText: "The early brand gets the reel" });
  await mine.getByText("You are early, Alice").waitFor();

  await alice.all.locator(".message.mine", { hasText: "The early brand" }).hover();
  await alice.all.locator(".message.mine", { hasText: "The early brand" }).getByRole("button", { name: "Edit" }).click();
  await alice.all.getByLabel("New text").fill("The early brand gets the best reel");
  await alice.button("Save").click();
  await bob.text("The early brand gets the best reel").waitFor();
  await look(page, "playground-chat", { only: /wide/ });
});

test("history comes as one scrolls", async () => {
  const { page, alice } = await sit();
  await alice.enter("Direct");
  const first = alice.text("Hi Bob! We loved your reel about the night market.");
  await alice.text("I'm caffeinated.").waitFor();
  assert.equal(await first.count(), 0);
  await alice.all.locator(".thread").evaluate((thread) => thread.scrollTo(0, 0));
  await first.waitFor({ state: "attached" });
  await page.getByText("cold-brew-brief.pdf").first().waitFor({ state: "attached" });
});

test("a long list comes page by page, and the keyboard goes on in it", async () => {
  const page = await open("/playground/?left=charlie");
  for (let number = 1; number <= 52; number += 1) await makeChannel(page, `Channel ${number}`);
  await page.reload();
  const titles = page.locator(".pane.left .entry .title");
  const more = page.locator(".pane.left").getByRole("button", { name: "More conversations" });
  await more.press("Enter");
  await more.waitFor({ state: "hidden" });
  assert.deepEqual(await titles.allTextContents(), Array.from({ length: 52 }, (_, place) => `Channel ${52 - place}`));
  await page.keyboard.press("Enter");
  await page.locator(".pane.left").getByRole("heading", { name: "Channel 2", exact: true }).waitFor();
});

async function makeChannel(page, title) {
  const headers = { Authorization: `Bearer ${charlie.token}` };
  const answer = await page.request.post("/api/messages/conversations", { headers, data: { type: "channel", title, participant_ids: [] } });
  assert.equal(answer.status(), 201);
}

test("the keyboard is enough", async () => {
  const { page, alice, bob } = await sit();
  const focused = () => page.locator(":focus");
  await alice.all.locator(".entry", { hasText: "Direct" }).first().press("Enter");
  await page.keyboard.type("Said without a mouse");
  await page.keyboard.press("Enter");
  await alice.text("Said without a mouse").waitFor();
  await page.keyboard.press("Escape");
  await focused().and(alice.all.locator(".entry", { hasText: "Direct" })).waitFor();

  await bob.all.locator(".entry", { hasText: "Cold brew reels" }).press("Enter");
  const negotiate = bob.all.locator(".card > .buttons").getByRole("button", { name: "Negotiate" });
  await negotiate.waitFor();
  for (const _ of ["Accept", "Negotiate"]) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.type("50");
  await page.keyboard.press("Enter");
  await bob.all.getByText("must be between").waitFor();
  await page.keyboard.press("Escape");
  await focused().and(negotiate).waitFor();
});

test("a bid is negotiated to free chat", async () => {
  const { page, alice, bob } = await sit();
  for (const pane of [alice, bob]) await pane.enter("Cold brew reels");
  await bob.press("Negotiate", { "Your price": "50" });
  await bob.all.getByText("must be between").waitFor();
  await look(page, "playground-card", { only: /wide/ });
  await bob.all.getByRole("form").getByLabel("Your price").fill("11500");
  await bob.all.getByRole("form").getByRole("button", { name: "Negotiate", exact: true }).click();
  await alice.reaches("brand owner negotiation");
  await bob.all.getByText("Locked: the conversation has moved on").first().waitFor();
  await alice.press("Accept");
  await alice.press("Pay now");
  await bob.reaches("work in progress");
  await bob.press("Submit work", { Notes: "Three reels, as agreed" });
  await alice.reaches("work submitted");
  await alice.press("Approve", {}, "Yes: Approve");
  for (const pane of [alice, bob]) await pane.reaches("real time");
  await bob.say("Thank you, Alice!");
  await alice.text("Thank you, Alice!").waitFor();
});

test("it fits a phone", async () => {
  const { page, alice } = await sit({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await alice.enter("Direct");
  await look(page, "playground-chat", { only: /phone/ });
  await show(page, "Inspector");
  await page.getByRole("heading", { name: "Inspector" }).waitFor();
  await look(page, "playground-inspector", { only: /phone/ });
  await show(page, "Left");
  await alice.button("Back to the conversations").click();
  await alice.button("New conversation").click();
  await alice.all.getByLabel("Kind", { exact: true }).selectOption("channel");
  await alice.all.getByLabel("Title").fill("Launch party");
  await alice.button("Open it").click();
  await alice.all.getByRole("heading", { name: "Launch party" }).waitFor();
});
