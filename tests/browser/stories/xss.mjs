/** Everything that a person can name or write is an attack: it is shown as it was written, and nothing of it runs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inputs, open, openAdmin } from "./browser.mjs";

const { place, mark, attacks } = inputs;

async function expectNothingRan(page) {
  await page.waitForLoadState("networkidle");
  assert.equal(await page.evaluate(() => window.xss), undefined, page.url());
  const planted = await page.evaluate(() => document.querySelectorAll("[onerror], [onload], [onfocus], [srcdoc]").length);
  assert.equal(planted, 0, page.url());
}

test("the admin shows what was written", async () => {
  const pages = [
    "/admin/conversations/conversation/", `/admin/conversations/conversation/${place}/change/`,
    "/admin/messaging/message/", "/admin/accounts/user/", "/admin/conversations/conversationevent/",
    `/api/messages/conversations/${place}/context`,
  ];
  const page = await openAdmin("/admin/", undefined, { expects: [/404/] });
  for (const path of pages) {
    await page.goto(path);
    await expectNothingRan(page);
  }
  await page.goto("/admin/messaging/message/");
  assert.ok((await page.textContent("body")).includes(mark));
});

test("the playground shows what was written", async () => {
  const page = await open("/playground/?left=alice&right=bob");
  const pane = page.locator(".pane.left");
  await pane.locator(".entry", { hasText: mark }).first().click();
  for (const attack of attacks) await pane.locator(".bubble .text").getByText(attack, { exact: true }).first().waitFor();
  await expectNothingRan(page);
});
