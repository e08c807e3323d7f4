// A client that opens WebSockets over HTTP/1.1 and HTTP/2 (RFC 8441), from an address of its own.

import { once } from "node:events";
import { connect, constants } from "node:http2";
import { get } from "node:https";

import { Receiver, Sender, WebSocket } from "ws";

import { Queue, within } from "./waiting.js";

/** Address of the client; the proxies have another. */
export const ADDRESS = "127.0.0.7";

const tls = { rejectUnauthorized: false, localAddress: ADDRESS };

const unclosed = new Set();

/** Ends what a failed test has left open. */
export function closeAll() {
  for (const end of unclosed) end();
}

function closesWith(emitter, end) {
  unclosed.add(end);
  emitter.on("close", () => unclosed.delete(end));
}

/** Opens a WebSocket through a proxy. Returns its handshake: with a `socket`, or with the `body` of the refusal. */
export function open({ port }, path, { version, origin = `https://127.0.0.1:${port}`, headers = {} }) {
  const opened = version === "2" ? openHttp2(port, path, origin, headers) : openHttp1(port, path, origin, headers);
  return within(opened, `the answer for ${path} over HTTP/${version}`);
}

/** Returns true if the proxy announces extended CONNECT to clients of HTTP/2. */
export async function announcesConnect({ port }) {
  const session = connect(`https://127.0.0.1:${port}`, tls);
  const [settings] = await within(once(session, "remoteSettings"), "the settings of HTTP/2");
  session.destroy();
  return settings.enableConnectProtocol;
}

/** Waits until the proxy passes on the answer of a server that is ready. */
export async function serves(port) {
  while ((await statusOfReadyz(port)) !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
}

function statusOfReadyz(port) {
  return new Promise((resolve) => {
    const request = get({ ...tls, host: "127.0.0.1", port, path: "/readyz", agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("error", () => resolve(null)); // It does not listen yet.
  });
}

async function body(readable) {
  let text = "";
  for await (const chunk of readable) text += chunk;
  return text;
}

function openHttp1(port, path, origin, headers) {
  const client = new WebSocket(`wss://127.0.0.1:${port}${path}`, { ...tls, origin, headers });
  closesWith(client, () => client.terminate());
  const messages = new Queue();
  const closes = new Queue();
  client.on("message", (data) => messages.push(String(data)));
  client.on("close", (code, reason) => closes.push({ code, reason: String(reason) }));
  const socket = {
    next: () => messages.next("a message"),
    closed: () => closes.next("a close frame"),
    send: (text) => client.send(text),
    close: (code, reason) => client.close(code, reason),
  };
  return new Promise((resolve, reject) => {
    client.on("open", () => resolve({ socket }));
    client.on("unexpected-response", async (_, response) => {
      resolve({ status: response.statusCode, headers: response.headers, body: await body(response) });
    });
    client.on("error", reject);
  });
}

async function openHttp2(port, path, origin, headers) {
  const session = connect(`https://127.0.0.1:${port}`, tls);
  closesWith(session, () => session.destroy());
  session.on("error", () => {}); // The stream ends with it.
  await once(session, "remoteSettings");
  const stream = session.request(
    {
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":scheme": "https",
      ":authority": `127.0.0.1:${port}`,
      ":path": path,
      "sec-websocket-version": "13",
      origin,
      ...headers,
    },
    { endStream: false },
  );
  const [answer] = await once(stream, "response");
  const status = answer[constants.HTTP2_HEADER_STATUS];
  if (status !== 200) {
    const text = await body(stream);
    session.destroy();
    return { status, headers: answer, body: text };
  }
  stream.on("close", () => session.destroy());
  return { socket: socketOn(stream) };
}

/** Speaks RFC 6455 on a stream. */
function socketOn(stream) {
  const messages = new Queue();
  const closes = new Queue();
  const sender = new Sender(stream);
  const receiver = new Receiver({ isServer: false });
  let isClosing = false;
  const close = (code, reason) => {
    if (!isClosing) sender.close(code, Buffer.from(reason), true, () => stream.end());
    isClosing = true;
  };
  receiver.on("message", (data) => messages.push(String(data)));
  receiver.on("ping", (data) => sender.pong(data, true));
  receiver.on("conclude", (code, reason) => {
    closes.push({ code, reason: String(reason) });
    close(code, String(reason));
  });
  receiver.on("error", (error) => closes.push({ error }));
  stream.on("error", (error) => closes.push({ error }));
  stream.pipe(receiver);
  return {
    next: () => messages.next("a message"),
    closed: () => closes.next("a close frame"),
    send: (text) => sender.send(text, { binary: false, mask: true, fin: true, compress: false }),
    close,
  };
}
