/** The pictures of README.md, small enough to be kept. */

import { test } from "node:test";
import { keep, open } from "./browser.mjs";

const viewport = { width: 1200, height: 720 };

test("a bid, by day", async () => {
  const page = await open("/playground/?left=alice&right=bob", { viewport });
  for (const side of ["left", "right"]) await page.locator(`.pane.${side} .entry`, { hasText: "Cold brew reels" }).click();
  await page.getByRole("button", { name: "Negotiate" }).click();
  await page.getByLabel("Your price").fill("50");
  await page.getByRole("form").getByRole("button", { name: "Negotiate" }).click();
  await page.getByText("must be between").waitFor();
  await keep(page, "playground-bid");
});

test("a chat, by night", async () => {
  const page = await open("/playground/?left=alice&right=bob&right-family=workspace", { viewport, colorScheme: "dark" });
  for (const side of ["left", "right"]) await page.locator(`.pane.${side} .entry`, { hasText: "Direct" }).click();
  await page.locator(".pane.left").getByLabel("Message", { exact: true }).fill("The bid is on its way.");
  await page.locator(".pane.left").getByLabel("Message", { exact: true }).press("Enter");
  await page.locator(".pane.right").getByText("The bid is on its way.").last().waitFor();
  await page.locator(".frames summary", { hasText: "chat:send" }).click();
  await keep(page, "playground-chat");
});
