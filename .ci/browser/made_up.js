// A page whose WebSocket ends here, not at the example: for what no example does.

import { EventEmitter, once } from "node:events";

import { DEADLINE, within } from "./harness.js";
import { scriptErrors, stateIs } from "./pages.js";

export async function madeUpServer(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE);
  page.on("pageerror", (error) => scriptErrors.push(`${url}: ${error}`));
  // The wait for the next connection is a part of a random length, here the shortest one.
  await page.addInitScript(() => (Math.random = () => 0));
  const messages = [];
  const news = new EventEmitter();
  const sockets = [];
  await page.routeWebSocket(/\/ws/, (socket) => {
    socket.onMessage((data) => {
      const message = JSON.parse(data);
      if (message.type === "$ping") socket.send('{"type":"$pong"}');
      else news.emit("message", messages.push(message));
    });
    news.emit("socket", sockets.push(socket));
  });
  await page.goto(String(url));
  await stateIs(page, "open");
  return {
    context,
    page,
    async received(count) {
      while (messages.length < count) await within(once(news, "message"), `message ${count}`);
      return { socket: sockets.at(-1), messages };
    },
    async opened(count) {
      while (sockets.length < count) await within(once(news, "socket"), `connection ${count}`);
      return sockets[count - 1];
    },
  };
}
