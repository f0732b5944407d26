/** Staff finds the way in. */

import { test } from "node:test";
import { look, open, openAdmin } from "./browser.mjs";

test("staff logs in", async () => {
  const page = await openAdmin();
  await page.getByRole("heading", { name: "Messages a minute" }).waitFor();
});

test("the way in is for everybody", async () => {
  await look(await open("/admin/login/"), "admin-login");
});
