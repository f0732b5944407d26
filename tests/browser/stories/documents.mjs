/** Who writes a client reads the pages of the interfaces, and tries a route out. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, look, open } from "./browser.mjs";

test("the page of events", async () => {
  const page = await open("/api/events/");
  await look(page, "events", { only: /wide-light|phone-dark/ });
  await page.getByRole("navigation", { name: "Events" }).getByRole("link", { name: "chat:send", exact: true }).click();
  await page.locator("article#chat-send").getByText("automated_mode").waitFor();
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.activeElement !== document.body));
});

test("the page of the REST API, with a route tried out", async () => {
  const page = await open("/api/docs/");
  const route = page.locator("#operations-Conversations-get_messages_unread_count");
  await route.locator("button.opblock-summary-control").click();
  await route.getByRole("button", { name: "Execute" }).click();
  await route.locator(".live-responses-table .response-col_status").getByText("200").waitFor();
  await look(page, "rest", { only: /wide-light|phone-dark/ });
});

test("the routes are clicked through", async () => {
  const page = await open("/api-auth/login/?next=/api/messages/conversations");
  await look(page, "rest-login", { only: /wide-light|phone-dark/ });
  await page.getByLabel("Username").fill(alice.username);
  await page.getByLabel("Password").fill(alice.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Conversations" }).waitFor();
  await look(page, "rest-route", { only: /wide-light|phone-dark/ });
  const body = page.getByLabel("Body, as JSON");
  await body.fill(JSON.stringify({ type: "channel", title: "Made in the browser" }));
  await page.getByRole("button", { name: "Send POST" }).click();
  await page.getByRole("status").getByText("HTTP 201").waitFor();
});
