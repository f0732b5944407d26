/** Two people in the playground, side by side: they chat, negotiate, lose their connection and miss nothing. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { look, open } from "./browser.mjs";

/** One of the two panes. */
class Pane {
  constructor(page, side) {
    this.page = page;
    this.all = page.locator(`.pane.${side}`);
    this.field = this.all.getByLabel("Message", { exact: true });
  }

  button(name, options = { exact: true }) {
    return this.all.getByRole("button", { name, ...options });
  }

  text(text) {
    return this.all.locator(".bubble .text").getByText(text, { exact: true });
  }

  /** Open a conversation of the list. */
  async enter(title) {
    await this.all.locator(".entry", { hasText: title }).first().click();
    await this.all.locator(".head h2").waitFor();
    await this.all.locator(".message, .move").first().waitFor();
  }

  async say(text) {
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  /** Press a button of the card, and answer what it asks for. */
  async press(name, answers = {}, confirmed = name) {
    await this.all.locator(".card > .buttons").getByRole("button", { name, exact: true }).click();
    for (const [label, value] of Object.entries(answers)) await this.all.locator(".sheet").getByLabel(label).fill(value);
    const form = this.all.getByRole("form", { name });
    if (await form.count()) await form.getByRole("button", { name: confirmed, exact: true }).click();
  }

  /** Wait until the conversation is in a state. */
  reaches(state) {
    return this.all.locator(".head p", { hasText: state }).waitFor();
  }
}

async function sit({ left = "chat", right = "chat", ...options } = {}) {
  const page = await open(`/playground/?left=alice&right=bob&left-family=${left}&right-family=${right}`, options);
  return { page, alice: new Pane(page, "left"), bob: new Pane(page, "right") };
}

/** The frames of the inspector with all of these words in their lines. */
function frames(page, ...words) {
  return words.reduce((found, hasText) => found.filter({ hasText }), page.locator(".frames summary"));
}

async function show(page, part) {
  await page.getByRole("navigation", { name: "Parts of the page" }).getByRole("button", { name: part }).click();
}

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
  await bob.field.pressSequentially("You");
  await alice.all.getByText("Bob Influencer is typing…").waitFor();
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
