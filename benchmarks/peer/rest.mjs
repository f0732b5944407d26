/** The two pages that are measured, with the checks of ours: the token, and that the reader takes part. */

import { messageBody } from "./messages.mjs";
import { userOf } from "./tokens.mjs";

const MEMBER = {
  name: "member",
  text: "SELECT role FROM participants WHERE conversation_id = $1 AND user_id = $2",
};
const PAGE_BEFORE = {
  name: "page_before",
  text: "SELECT * FROM messages WHERE conversation_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
};
const PAGE_AT = {
  name: "page_at",
  text: "SELECT * FROM messages WHERE conversation_id = $1 ORDER BY seq DESC OFFSET $2 LIMIT $3",
};
const TOTAL = { name: "total", text: "SELECT count(*) FROM messages WHERE conversation_id = $1" };
const LIST = {
  name: "list",
  text: `
    WITH c AS (
      SELECT c.*, p.role, p.unread FROM participants p JOIN conversations c ON c.id = p.conversation_id
      WHERE p.user_id = $1 ORDER BY c.updated_at DESC, c.id DESC OFFSET $2 LIMIT $3
    )
    SELECT m.*, c.id AS place, c.type, c.title, c.chat_status, c.last_seq, c.created_at AS opened_at, c.updated_at,
      c.role, c.unread, u.id AS other_id, u.name AS other_name, u.role AS other_role, u.image_url, u.last_seen
    FROM c LEFT JOIN messages m ON m.id = c.last_message_id
    LEFT JOIN users u ON u.id = CASE WHEN c.a = $1 THEN c.b ELSE c.a END
    ORDER BY c.updated_at DESC, c.id DESC`,
};
const LISTED = { name: "listed", text: "SELECT count(*) FROM participants WHERE user_id = $1" };

/** Add the routes to an Express application. */
export function rest(app, pool) {
  const query = async (statement, ...values) => (await pool.query({ ...statement, values })).rows;
  app.set("etag", false); // ours makes none
  app.disable("x-powered-by");
  app.use("/api", authenticate);
  app.get("/api/messages/conversations", async (request, response) => {
    const { page, limit } = window(request);
    const rows = await query(LIST, request.userId, (page - 1) * limit, limit);
    const total = (await query(LISTED, request.userId))[0].count;
    response.json({ success: true, conversations: rows.map(listedBody), pagination: pagination(page, limit, total) });
  });
  app.get("/api/messages/conversations/:id/messages", async (request, response) => {
    const { id } = request.params;
    if (!(await query(MEMBER, id, request.userId)).length) {
      response.status(404).json({ success: false, message: "Conversation not found", code: "not_found" });
      return;
    }
    const { page, limit } = window(request);
    if (request.query.before_seq === undefined) {
      const total = (await query(TOTAL, id))[0].count;
      const rows = await query(PAGE_AT, id, (page - 1) * limit, limit);
      response.json({ success: true, messages: oldestFirst(rows), pagination: pagination(page, limit, total) });
    } else {
      const rows = await query(PAGE_BEFORE, id, request.query.before_seq, limit + 1);
      const has_more = rows.length > limit;
      response.json({ success: true, messages: oldestFirst(rows.slice(0, limit)), pagination: { limit, has_more } });
    }
  });
}

function authenticate(request, response, next) {
  try {
    request.userId = userOf(request.headers.authorization.slice("Bearer ".length));
  } catch {
    response.status(401).json({ success: false, message: "Invalid token", code: "invalid_token" });
    return;
  }
  next();
}

function window(request) {
  const { page = 1, limit = 50 } = request.query;
  return { page: Math.max(1, Number(page)), limit: Math.min(100, Number(limit)) };
}

function pagination(page, limit, total) {
  const pages = Math.ceil(total / limit);
  return { page, limit, total, pages, has_more: page < pages };
}

const oldestFirst = (rows) => rows.reverse().map(messageBody);

function listedBody(row) {
  return {
    id: row.place,
    conversation_type: row.type,
    title: row.title || row.other_name || "",
    is_public: false,
    source_id: null,
    campaign_id: null,
    role: row.role,
    other_user: row.other_id && {
      id: row.other_id,
      name: row.other_name,
      role: row.other_role,
      image_url: row.image_url,
      online: false,
      last_seen: row.last_seen,
    },
    last_message: row.id && messageBody(row),
    unread_count: row.unread,
    chat_status: row.chat_status,
    flow_state: null,
    awaiting_role: null,
    last_seq: row.last_seq,
    created_at: row.opened_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
