/** The peer: Socket.IO, Express and pg, with the same events and routes as ours. `HANDLER` chooses how it sends. */

import http from "node:http";
import express from "express";
import pg from "pg";
import { Server } from "socket.io";
import { rest } from "./rest.mjs";
import { best } from "./best.mjs";
import { serve } from "./sockets.mjs";
import { usual } from "./usual.mjs";

const { DATABASE_URL, HANDLER = "best" } = process.env;

pg.types.setTypeParser(pg.types.builtins.INT8, Number);
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 20 });
const app = express();
const server = http.createServer(app);
const io = new Server(server, { perMessageDeflate: false, serveClient: false, pingTimeout: 60_000 });

rest(app, pool);
serve(io, pool, { usual, best }[HANDLER]);
server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});
process.on("SIGTERM", () => process.exit(0));
