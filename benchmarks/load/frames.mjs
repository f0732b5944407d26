/** WebSocket frames of a client (RFC 6455), without an object or a copy for each that arrives. */

const TEXT = 0x81;
const MASKED = 0x80;

/** Return a text frame. Its mask is zero, which is as good as any and leaves the payload as it is. */
export function textFrame(text) {
  const size = Buffer.byteLength(text);
  const start = size < 126 ? 6 : size < 65_536 ? 8 : 14;
  const frame = Buffer.allocUnsafe(start + size);
  frame[0] = TEXT;
  if (size < 126) {
    frame[1] = MASKED | size;
  } else if (size < 65_536) {
    frame[1] = MASKED | 126;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = MASKED | 127;
    frame.writeBigUInt64BE(BigInt(size), 2);
  }
  frame.writeUInt32BE(0, start - 4);
  frame.write(text, start);
  return frame;
}

/** Call `take(bytes, start, end)` for each whole frame from `from` to `to`; return where the unread rest begins. */
export function readFrames(bytes, from, to, take) {
  let at = from;
  while (to - at >= 2) {
    const short = bytes[at + 1];
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (to - at < head) break;
    const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
    const start = at + head;
    if (start + size > to) break;
    if (bytes[at] === TEXT) take(bytes, start, start + size);
    else if (bytes[at] !== 0x88) throw new Error(`Unexpected frame ${bytes[at]}`);
    at = start + size;
  }
  return at;
}
