/** What every story of the pages needs: a Chromium, pages that note their faults, and eyes. */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before } from "node:test";
import axe from "axe-core";
import { chromium } from "playwright-core";

export const { url, users, conversations, ...inputs } = JSON.parse(process.env.STORY);
export const { alice, bob, charlie, staff } = users;

const FLAGS = ["--no-sandbox", "--disable-gpu", "--headless=shell", "--disable-background-networking"];
const PATIENCE_MS = 20_000;
const WIDTHS = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const SCHEMES = ["light", "dark"];
const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

let browser;
const opened = [];

before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
});

afterEach(async () => {
  const faults = opened.flatMap((page) => page.faults);
  for (const page of opened.splice(0)) await page.context().close();
  assert.deepEqual(faults, []);
});

after(() => browser.close());

/**
 * A page of a browser of its own (cookies, storage), at `path`. What it must not do is kept in `page.faults`, and fails
 * the story at its end: an error on the console, a request to elsewhere, an answer of 400 and above. A story that
 * provokes such a thing says what it expects: `{expects: [/429/]}`.
 */
export async function open(path, { expects = [], ...options } = {}) {
  const context = await browser.newContext({ baseURL: url, viewport: WIDTHS.wide, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.faults = [];
  watch(page, (fault) => expects.some((pattern) => pattern.test(fault)) || page.faults.push(fault));
  opened.push(page);
  await page.goto(path);
  return page;
}

function watch(page, note) {
  page.on("console", (message) => message.type() === "error" && note(`console: ${message.text()}`));
  page.on("pageerror", (error) => note(`error: ${error.message}`));
  page.on("request", (request) => isOurs(request.url()) || note(`elsewhere: ${request.url()}`));
  page.on("response", (answer) => answer.status() >= 400 && note(`${answer.status()}: ${answer.url()}`));
}

function isOurs(address) {
  return address.startsWith(`${url}/`) || /^(data|blob|about):/.test(address);
}

/** The admin, with somebody of the cast logged in. */
export async function openAdmin(path = "/admin/", user = staff, options = {}) {
  const page = await open(`/admin/login/?next=${encodeURIComponent(path)}`, options);
  await page.fill("[name=username]", user.username);
  await page.fill("[name=password]", user.password);
  await page.press("[name=password]", "Enter");
  await page.waitForURL((address) => !address.pathname.startsWith("/admin/login"));
  return page;
}

/**
 * Look at a page as it is now, on a screen and a phone, by day and by night: it is accessible and needs no sideways
 * scrolling. Keeps pictures where `SCREENSHOTS` names a folder. `only` names the looks where not all are wanted.
 */
export async function look(page, name, { only = /./, fullPage = false } = {}) {
  const screen = page.viewportSize();
  for (const [size, viewport] of Object.entries(WIDTHS)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      const which = `${name}-${size}-${colorScheme}`;
      if (!only.test(which)) continue;
      await light(page, colorScheme);
      await expectNoSidewaysScrolling(page, which);
      await expectAccessible(page, which);
      await keep(page, which, fullPage);
    }
  }
  await page.setViewportSize(screen);
  await light(page, "light");
}

/** Make it day or night. The admin asks which it is when a page is opened, hence once more. */
async function light(page, colorScheme) {
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  const asks = await page.locator("html[x-data]").count();
  const isDark = await page.locator("html.dark").count();
  if (!asks || Boolean(isDark) === (colorScheme === "dark")) return;
  await page.reload();
  await page.locator(colorScheme === "dark" ? "html.dark" : "html:not(.dark)").waitFor();
}

async function expectNoSidewaysScrolling(page, which) {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(beyond <= 0, `${which} is ${beyond} pixels too wide`);
}

/** No violation of level A or AA by axe. */
export async function expectAccessible(page, which = page.url()) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate((values) => window.axe.run({ runOnly: { type: "tag", values } }), LEVELS);
  const told = violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ""}`));
  assert.deepEqual(told, [], which);
}

/** Keep a picture, if pictures are wanted. */
export async function keep(page, which, fullPage = false) {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${which}.png`), fullPage });
}
