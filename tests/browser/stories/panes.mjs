/** What the stories of the playground share: its two panes, and the inspector. */

import { open } from "./browser.mjs";

/** One of the two panes. */
export class Pane {
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

  /** Type, and begin anew where nobody was there yet to see it: what passes is not told again. */
  async typesUntil(seen) {
    do {
      await this.field.fill("");
      await this.field.pressSequentially("You");
    } while (!(await seen.waitFor({ timeout: 4_000 }).then(() => true, () => false)));
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

export async function sit({ left = "chat", right = "chat", ...options } = {}) {
  const page = await open(`/playground/?left=alice&right=bob&left-family=${left}&right-family=${right}`, options);
  return { page, alice: new Pane(page, "left"), bob: new Pane(page, "right") };
}

/** The frames of the inspector with all of these words in their lines. */
export function frames(page, ...words) {
  return words.reduce((found, hasText) => found.filter({ hasText }), page.locator(".frames summary"));
}

export async function show(page, part) {
  await page.getByRole("navigation", { name: "Parts of the page" }).getByRole("button", { name: part }).click();
}
