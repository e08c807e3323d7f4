import assert from "node:assert/strict";

import { overEachTransport } from "./transports.js";

/** What a page may close with, and what both sides have of it. */
const ENDS = [
  [[], 1005, ""],
  [[1000], 1000, ""],
  [[1000, "done"], 1000, "done"],
  [[3000], 3000, ""],
  [[3003, "žádný důvod"], 3003, "žádný důvod"],
  [[3999, "3999"], 3999, "3999"],
  [[4000, ""], 4000, ""],
  [[4321, "🦀".repeat(30) + "abc"], 4321, "🦀".repeat(30) + "abc"], // 123 bytes
  [[4999, "é".repeat(61)], 4999, "é".repeat(61)],
];

/** The page ends its connections: the server answers with the same, and has it as the cause. */
export const pageCloses = () =>
  overEachTransport("closed by the page", async ({ check, endpoint, inPage }) => {
    for (const path of ["/echo", "/push", "/stalled"]) {
      await check(`${path}: every code and reason that a page may send`, async () => {
        for (const [given, code, reason] of ENDS) {
          const { url, end } = endpoint(path, { count: 1 });
          const seen = await inPage(async ({ url, given }) => (await dial(url)).close(...given), { url, given });
          assert.deepEqual(seen, { code, reason, wasClean: true, errors: 0 });
          const { kind, clean, unsent, ...frame } = await end();
          assert.deepEqual([kind, clean, unsent], ["Peer", true, 0]);
          assert.deepEqual([frame.code ?? 1005, frame.reason ?? ""], [code, reason]);
        }
      });
    }

    await check("the end is behind what the page sent before it, all of which is answered", async () => {
      const { url, end } = endpoint("/echo");
      const { unread, ...seen } = await inPage(async (url) => {
        const talk = await dial(url);
        for (let number = 0; number < 100; number += 1) talk.send(String(number));
        return { ...(await talk.close(4000, "no more")), unread: talk.unread };
      }, url);
      // The answers arrive, but once it closes a page is shown no message any more.
      assert.deepEqual(seen, { code: 4000, reason: "no more", wasClean: true, errors: 0 });
      const { kind, code, clean, unsent } = await end();
      assert.deepEqual([unread, kind, code, clean, unsent], [0, "Peer", 4000, true, 0]);
    });

    await check("a handler that does not take what was sent holds up the end for close_timeout only", async () => {
      const { url, end } = endpoint("/stalled");
      const seen = await inPage(async (url) => {
        const talk = await dial(url);
        talk.send("will anybody read this?");
        return talk.close(4000, "never mind");
      }, url);
      assert.deepEqual(seen, { code: 4000, reason: "never mind", wasClean: true, errors: 0 });
      const { kind, code, clean } = await end();
      assert.deepEqual([kind, code, clean], ["Peer", 4000, true]);
    });

    await check("both close at once: the end is clean, and each may have its own code", async () => {
      const { url, end } = endpoint("/close", { code: 4001, reason: "the server's" });
      const seen = await inPage(async (url) => (await dial(url)).close(4002, "the page's"), url);
      const { kind, code, clean } = await end();
      assert([4001, 4002].includes(seen.code), seen.code);
      assert([4001, 4002].includes(code), code);
      assert.equal(kind, code === 4001 ? "Local" : "Peer");
      assert.deepEqual([seen.wasClean, seen.errors, clean], [true, 0, true]);
    });
  });
