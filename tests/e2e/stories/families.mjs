/** The clients of seeds 002, 003 and 004 as their documents open them, and what staff does at a shell meanwhile. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { bob, brief, open, post, rest, servers, staff, uuid } from "./client.mjs";

export const PATH = "/api/socket.io";
export const UNHEARD = ["connect", "authenticated", "presence:changed"]; // told at any time, or before a test begins

const { manage } = JSON.parse(process.env.STORY);
const namespaced = (server) => `${server}${PATH}`;
for (const [server, url] of servers.entries()) servers[namespaced(server)] = url + PATH; // no element, but a name

/** Connect with the token in the handshake, as seeds 002 and 003 say; `contracts` narrows what is heard. */
export async function connect(user, { server = 0, contracts } = {}) {
  const client = open(user, { server, auth: { token: user.token, contracts } });
  await client.hears("authenticated");
  return client;
}

export const DOORS = { namespace: "as a namespace", path: "as a path" };

/** Connect to `/api/socket.io`, as seed 004 says; `auth` replaces what it says there. */
export function knock(user, { server = 0, door = "path", auth = {} } = {}) {
  const credentials = { auth: { token: `Bearer ${user.token}`, userId: user.id, ...auth } };
  return door === "path"
    ? open(user, { server, path: PATH, ...credentials })
    : open(user, { server: namespaced(server), ...credentials });
}

/** The same, and be let in. */
export async function workspace(user, options) {
  const client = knock(user, options);
  client.channels = (await client.hears("connection:success")).channels;
  return client;
}

/** What a client has heard, but for what may come at any time. */
export function told(client) {
  return client.heard.filter(({ name }) => !UNHEARD.includes(name));
}

/** Open a channel of alice's and bob's that no other story knows. */
export async function freshChannel(owner, rest = {}) {
  const channel = { type: "channel", participant_ids: [bob.id], title: `Launch ${uuid()}`, is_public: false, ...rest };
  return (await post(owner, "/api/messages/conversations", channel)).conversation.id;
}

/** Expect REST to refuse; return its whole body. */
export async function expectFailure(status, code, user, method, path, body, options) {
  const answer = await rest(user, method, path, body, options);
  assert.equal(answer.status, status, brief(answer));
  assert.equal(answer.body.success, false);
  assert.equal(answer.body.code, code);
  return answer.body;
}

/** Run Python in the product's shell, in a process that serves nobody; return what it prints. */
async function shell(...lines) {
  const code = ["import json", "from stoory.commands import execute", ...lines].join("\n");
  const options = { cwd: manage.folder, env: manage.env };
  return (await promisify(execFile)(manage.python, ["manage.py", "shell", "-v", "0", "-c", code], options)).stdout;
}

const text = JSON.stringify; // a text in JSON is one in Python

/** Have the system say something. */
export async function postNotice(conversationId, notice) {
  const command = `PostNotice(actor=${text(staff.id)}, conversation_id=${text(conversationId)}, text=${text(notice)})`;
  return (await shell("from messaging.commands import PostNotice", `print(execute(${command}).id)`)).trim();
}

/** Move a conversation to a chat status. */
export async function setChatStatus(conversationId, chatStatus, reason) {
  const which = `actor=${text(staff.id)}, conversation_id=${text(conversationId)}`;
  const command = `SetChatStatus(${which}, chat_status=${text(chatStatus)}, reason=${text(reason)})`;
  await shell("from conversations.commands import SetChatStatus", `execute(${command})`);
}

/** Make users whom no other story knows. */
export async function makeUsers(...names) {
  const printed = await shell(
    "from stoory.accounts.models import User",
    "from stoory.auth import issue_token",
    `made = [User.objects.create_user(name) for name in ${text(names.map((name) => `${name}-${uuid()}`))}]`,
    `print(json.dumps([{"id": u.pk, "username": u.username, "token": issue_token(u)["token"]} for u in made]))`,
  );
  return JSON.parse(printed);
}
