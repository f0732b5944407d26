/** The families, in the order of their seeds. */

import { chat } from "./chat.js";
import { feed } from "./feed.js";
import { messenger } from "./messenger.js";
import { workspace } from "./workspace.js";

export const FAMILIES = [chat, feed, messenger, workspace];
