import assert from "node:assert/strict";

import { overEachTransport } from "./transports.js";

const LONGEST = "é".repeat(61) + "!"; // 123 bytes: RFC 6455, section 5.5

/** Every code that may be on the wire: RFC 6455, section 7.4, and the IANA registry. */
const CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3003, 3008, 3999, 4000, 4999];

/** What a handler returns, and what its page sees of it; `kind` is what the server says. */
const OUTCOMES = [
  ["200", "not for clients", 1000, ""],
  ["204", "", 1000, ""],
  ["302", "not for clients", 1000, ""],
  ["text", "", 1000, ""],
  ["json", "", 1000, ""],
  ["400", "ünfit", 1008, "ünfit"],
  ["401", "log in first", 3000, "log in first"],
  ["403", "staff only", 3003, "staff only"],
  ["404", "no such room", 1008, "no such room"],
  ["408", "too slow", 3008, "too slow"],
  ["409", "taken", 1008, "taken"],
  ["413", "too much", 1009, "too much"],
  ["415", "text only", 1003, "text only"],
  ["429", "x".repeat(200), 1008, "x".repeat(123)],
  ["429", "é".repeat(62), 1008, "é".repeat(61)],
  ["500", "a secret", 1011, ""],
  ["502", "a secret", 1011, ""],
  ["503", "a secret", 1013, ""],
  ["error", "", 1011, ""],
  ["panic", "", 1011, "", "Panic"],
];

/** What its page sees when the server ends a connection, and what the server says of it itself. */
export const serverCloses = () =>
  overEachTransport("closed by the server", async ({ check, endpoint, inPage }) => {
    /** Connects, and waits for the end. */
    async function see(path, query) {
      const { url, end } = endpoint(path, query);
      const seen = await inPage(async (url) => (await dial(url)).ended, url);
      return { seen, cause: await end() };
    }

    function agree({ seen, cause }, code, reason, kind = "Local") {
      assert.deepEqual(seen, { code, reason, wasClean: true, errors: 0 });
      const { subprotocol, ...rest } = cause;
      assert.deepEqual(rest, { kind, code, reason, clean: true, unsent: 0 });
    }

    await check("close(): every code, without a reason and with the longest, arrives as it was sent", async () => {
      for (const code of CODES) {
        for (const reason of ["", LONGEST]) agree(await see("/close", { code, reason }), code, reason);
      }
    });

    await check("close(): without a code it is 1005 for the page", async () => {
      const { seen, cause } = await see("/close");
      assert.deepEqual(seen, { code: 1005, reason: "", wasClean: true, errors: 0 });
      assert.deepEqual([cause.kind, cause.code, cause.clean], ["Local", null, true]);
    });

    await check("a returned CloseFrame: the same", async () => {
      for (const code of [1000, 1001, 1008, 1009, 1011, 3000, 4000, 4321, 4999]) {
        agree(await see("/outcome/frame", { code, reason: LONGEST }), code, LONGEST);
      }
      // One that must not be sent.
      agree(await see("/outcome/frame", { code: 1006, reason: "x" }), 1011, "");
    });

    for (const [how, given, code, reason, kind] of OUTCOMES) {
      const what = given.length > 20 ? `${how} with too long a reason` : how;
      await check(`a returned ${what}: ${code} (${reason.slice(0, 20)})`, async () =>
        agree(await see(`/outcome/${how}`, { reason: given }), code, reason, kind));
    }

    await check("what was sent before the end arrives before it", async () => {
      const { url } = endpoint("/outcome/frame", { code: 4000, say: 100 });
      const { texts, code } = await inPage(async (url) => {
        const talk = await dial(url);
        const { code } = await talk.ended;
        const texts = [];
        while (talk.unread > 0) texts.push(await talk.next());
        return { texts, code };
      }, url);
      assert.deepEqual([texts, code], [[...Array(100).keys()].map((number) => `unasked ${number}`), 4000]);
    });
  });
