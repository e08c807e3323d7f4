// Runs in a page, and in the programs of the clients that have the interface of a browser's WebSocket.

/**
 * Sends messages and compares their echoes; `more` can add some. It takes nothing from this module with it into a page: it
 * has to do without.
 */
export async function exchange({ url, messages, dial = (url) => new WebSocket(url), more = () => {} }) {
  const decode = ({ text, base64 }) => text ?? Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const socket = dial(url);
  socket.binaryType = "arraybuffer";
  const arrived = [];
  const waiting = [];
  const ended = new Promise((resolve) => socket.addEventListener("close", resolve));
  socket.addEventListener("message", ({ data }) => {
    const next = waiting.shift();
    if (next) next.resolve(data);
    else arrived.push(data);
  });
  ended.then(({ code, reason }) => {
    for (const next of waiting) next.reject(new Error(`the connection ended with ${code} (${reason})`));
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", ({ message }) => reject(new Error(message || "no connection")));
  });
  const next = () =>
    new Promise((resolve, reject) => {
      if (arrived.length > 0) resolve(arrived.shift());
      else if (socket.readyState !== 1) reject(new Error("the connection has ended"));
      else waiting.push({ resolve, reject });
    });
  const wrong = [];
  const compare = async (message) => {
    const expected = decode(message);
    const data = await next();
    const same =
      typeof expected === "string"
        ? data === expected
        : data instanceof ArrayBuffer &&
          data.byteLength === expected.length &&
          new Uint8Array(data).every((byte, at) => byte === expected[at]);
    if (!same) wrong.push(message.name);
  };
  for (const message of messages.oneByOne) {
    socket.send(decode(message));
    await compare(message);
  }
  for (const message of messages.atOnce) socket.send(decode(message));
  for (const message of messages.atOnce) await compare(message);
  await more({ socket, compare });
  socket.close(1000);
  const { code, wasClean } = await ended;
  return { extensions: socket.extensions, wrong, unread: arrived.length, code, wasClean };
}
