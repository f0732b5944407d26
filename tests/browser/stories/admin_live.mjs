/** Staff watches a conversation move, steps in, and finds out whether a message arrived. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, conversations, look, openAdmin, url } from "./browser.mjs";

const REASON = "They asked for a hand.";
const conversation = `/admin/conversations/conversation/${conversations.direct}/change/`;

async function call(path, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

async function say(text) {
  const { access } = await call("/api/token", { username: alice.username, password: alice.password });
  return call("/api/messages", { conversation_id: conversations.direct, message: text }, access);
}

/** Look by day on a screen, by night on a phone. */
const lookAt = (page, name) => look(page, name, { only: /wide-light|phone-dark/ });

/** Open what staff can do, and do it for a reason. */
async function doDeed(page, name, answers) {
  await page.locator("details summary", { hasText: name }).click();
  const form = page.locator("details[open]");
  for (const [label, value] of Object.entries(answers)) await form.getByLabel(label).fill(value);
  await form.getByRole("button", { name }).click();
  await page.getByText(`Done: ${name}.`).waitFor();
}

test("a timeline moves while staff looks on, and staff steps in", async () => {
  const page = await openAdmin(conversation);
  await page.getByText("Live: newest first.").waitFor();
  await say("Is anybody there?");
  await page.locator(".timeline-new", { hasText: "Is anybody there?" }).waitFor();
  await page.getByText(/^Live\. 1 new/).waitFor();
  await doDeed(page, "Post as the system", { Message: "We are looking into it.", Reason: REASON });
  await page.locator("#timeline li", { hasText: "We are looking into it." }).getByText(REASON).waitFor();
  await doDeed(page, "Close for chat", { Reason: REASON });
  await page.locator("#facts dd", { hasText: "Closed" }).waitFor();
  await lookAt(page, "admin-timeline");
  await doDeed(page, "Open for chat", { Reason: REASON });
});

test("why a message did not arrive is told in sentences", async () => {
  await say("Did you get this?");
  const page = await openAdmin(conversation);
  const entry = page.locator("#timeline li", { hasText: "Did you get this?" });
  await entry.getByRole("link", { name: "Did it arrive?" }).click();
  await page.locator(".verdicts li", { hasText: "alice" }).getByText("wrote it.").waitFor();
  await page.locator(".verdicts li", { hasText: "bob" }).getByText("No socket").waitFor();
  await lookAt(page, "admin-deliveries");
});

test("the servers and their sockets are in sight", async () => {
  const page = await openAdmin();
  await page.getByRole("heading", { name: "Messages a minute" }).waitFor();
  await page.getByText("bus: ok").waitFor();
  await lookAt(page, "admin-dashboard");
  await page.getByRole("navigation").or(page.locator("#nav-sidebar")).getByText("Live sockets").first().click();
  await page.getByRole("columnheader", { name: "Transport" }).waitFor();
  await look(page, "admin-sockets", { only: /phone-light/ });
});

test("a list becomes a file, and a timeline needs no script", async () => {
  const page = await openAdmin("/admin/messaging/message/");
  await look(page, "admin-messages", { only: /wide-light/ });
  await page.getByRole("link", { name: "Export as CSV" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Make the file" }).click();
  assert.equal((await download).suggestedFilename(), "message.csv");
  await page.getByText(/^Done: \d+ rows/).waitFor();

  const plain = await openAdmin(conversation, undefined, { javaScriptEnabled: false });
  await plain.getByRole("heading", { name: "Timeline" }).waitFor();
  await plain.getByText("We are looking into it.").first().waitFor();
});
