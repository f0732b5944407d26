/** Who a token speaks for. No query: the token is believed until it expires, as is usual. */

import jwt from "jsonwebtoken";

const { JWT_SIGNING_KEY } = process.env;

/** Return the user's id; throws where the token is not good. */
export function userOf(token) {
  return jwt.verify(token, JWT_SIGNING_KEY, { algorithms: ["HS256"] }).user_id;
}
