/** Staff finds the way in. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { look, open, openAdmin } from "./browser.mjs";

test("staff logs in", async () => {
  const page = await openAdmin();
  assert.equal(new URL(page.url()).pathname, "/admin/");
});

test("the way in is for everybody", async () => {
  await look(await open("/admin/login/"), "admin-login");
});
