import assert from "node:assert/strict";

import { overEachTransport } from "./transports.js";

const LIMIT = 1 << 20; // `WebSocketConfig::max_message_size`

/** What goes and comes back. */
export const messages = () =>
  overEachTransport("messages", async ({ check, endpoint, inPage, status }) => {
    await check("text comes back as it was sent, of every kind and up to the limit", async () => {
      const { url } = endpoint("/echo");
      const wrong = await inPage(
        async ({ url, LIMIT }) => {
          const texts = {
            empty: "",
            ASCII: [...Array(128).keys()].map((code) => String.fromCharCode(code)).join(""),
            "two bytes each": "žluťoučký kůň, Ωμέγα",
            "three bytes each": "日本語のテキスト\ufeff\uffff",
            astral: "🦀𝒳\u{10ffff}👩‍👩‍👧‍👦",
            "126 bytes": "x".repeat(126),
            "65,536 bytes": "x".repeat(65_536),
            "astral, four bytes less than the limit": "🦀".repeat(LIMIT / 4 - 1),
            "as many bytes as the limit": "x".repeat(LIMIT),
          };
          const talk = await dial(url);
          const wrong = [];
          for (const [name, text] of Object.entries(texts)) {
            talk.send(text);
            if ((await talk.next()) !== text) wrong.push(name);
          }
          // Half a pair is no character, and there is none in UTF-8.
          talk.send("\ud83e!");
          if ((await talk.next()) !== "\ufffd!") wrong.push("a lone surrogate");
          await talk.close();
          return wrong;
        },
        { url, LIMIT },
      );
      assert.deepEqual(wrong, []);
    });

    await check("bytes come back as they were sent, whatever holds them and whatever is to hold them", async () => {
      const { url } = endpoint("/echo");
      const wrong = await inPage(
        async ({ url, LIMIT }) => {
          const all = Uint8Array.from({ length: 65_536 }, (_, at) => at ^ (at >> 8));
          const payloads = {
            "an empty ArrayBuffer": [new ArrayBuffer(0), all.subarray(0, 0)],
            "every byte": [all.slice(0, 256).buffer, all.subarray(0, 256)],
            "64 KiB": [all.buffer, all],
            "a part of a buffer": [all.subarray(3, 1_003), all.subarray(3, 1_003)],
            "a DataView": [new DataView(all.buffer, 7, 125), all.subarray(7, 132)],
            "an empty Blob": [new Blob([]), all.subarray(0, 0)],
            "a Blob in parts": [new Blob([all.subarray(0, 100), all.subarray(100)]), all],
            "as many bytes as the limit": [new Blob(Array(LIMIT / all.length).fill(all)), LIMIT],
          };
          const wrong = [];
          for (const binaryType of ["arraybuffer", "blob"]) {
            const talk = await dial(url, { binaryType });
            for (const [name, [payload, expected]] of Object.entries(payloads)) {
              talk.send(payload);
              const data = await talk.next();
              const fits = binaryType === "blob" ? data instanceof Blob : data instanceof ArrayBuffer;
              const bytes = new Uint8Array(await new Response(data).arrayBuffer());
              const same =
                typeof expected === "number"
                  ? bytes.length === expected && bytes.every((byte, at) => byte === all[at % all.length])
                  : bytes.length === expected.length && bytes.every((byte, at) => byte === expected[at]);
              if (!fits || !same) wrong.push(`${name}, as ${binaryType}`);
            }
            await talk.close();
          }
          return wrong;
        },
        { url, LIMIT },
      );
      assert.deepEqual(wrong, []);
    });

    for (const path of ["/echo", "/message", "/batch"]) {
      await check(`1,000 messages at once to ${path}, text and binary, come back in order`, async () => {
        const { url } = endpoint(path);
        const wrong = await inPage(async (url) => {
          const COUNT = 1_000;
          const talk = await dial(url);
          const texts = [...Array(COUNT).keys()].map((number) => `${number} `.repeat(1 + (number % 50)));
          const isText = (number) => number % 3 !== 0;
          for (const [number, text] of texts.entries()) {
            talk.send(isText(number) ? text : new TextEncoder().encode(text));
          }
          const wrong = [];
          for (const [number, text] of texts.entries()) {
            const data = await talk.next();
            const same = isText(number) ? data === text : new TextDecoder().decode(data) === text;
            if (!same) wrong.push(number);
          }
          await talk.close();
          return [...wrong, ...Array(talk.unread).fill("one too many")];
        }, url);
        assert.deepEqual(wrong, []);
      });
    }

    await check("the server speaks first", async () => {
      const { url } = endpoint("/push", { count: 3 });
      const unasked = await inPage(async (url) => {
        const talk = await dial(url);
        const unasked = [await talk.next(), await talk.next(), await talk.next()];
        await talk.close();
        return unasked;
      }, url);
      assert.deepEqual(unasked, ["unasked 0", "unasked 1", "unasked 2"]);
    });

    await check("a handler that does not receive yet holds up its own messages, and nobody else's; none is lost", async () => {
      const { url: late, handshake } = endpoint("/late");
      const { url: echo } = endpoint("/echo");
      const { held, others, taken } = await inPage(
        async ({ late, echo, LIMIT }) => {
          const [slow, other] = await Promise.all([dial(late), dial(echo)]);
          for (let sent = 0; sent < 16; sent += 1) slow.send(new ArrayBuffer(LIMIT));
          slow.send("how much was it?");
          let others = 0;
          for (let round = 0; round < 8; round += 1) {
            other.send("x".repeat(LIMIT));
            others += (await other.next()).length;
          }
          const held = slow.socket.bufferedAmount > 0;
          await fetch("/release", { method: "POST" });
          const taken = Number(await slow.next());
          await Promise.all([slow.close(), other.close()]);
          return { held, others, taken };
        },
        { late, echo, LIMIT },
      );
      assert.deepEqual([held, others, taken, (await handshake()).status], [true, 8 * LIMIT, 16 * LIMIT, status]);
    });

    await check("a message of one byte over the limit: 1009, behind the answer to what came before", async () => {
      const { url, end } = endpoint("/small");
      const ended = await inPage(async (url) => {
        const talk = await dial(url);
        talk.send("x".repeat(1_000));
        talk.send("x".repeat(1_001));
        const { length } = await talk.next();
        return { ...(await talk.ended), length, unread: talk.unread };
      }, url);
      const { kind, code, reason } = await end();
      assert.deepEqual([kind, code], ["Violation", 1009]);
      assert.deepEqual(ended, { code, reason, wasClean: true, errors: 0, length: 1_000, unread: 0 });
    });

    for (const kind of ["text", "binary"]) {
      await check(`${kind} of eight times the limit: 1009 all the same`, async () => {
        const { url, end } = endpoint("/echo");
        const { answer, unread, ...ended } = await inPage(
          async ({ url, kind, size }) => {
            const talk = await dial(url);
            talk.send("before");
            talk.send(kind === "text" ? "x".repeat(size) : new ArrayBuffer(size));
            talk.send("after");
            return { answer: await talk.next(), ...(await talk.ended), unread: talk.unread };
          },
          { url, kind, size: 8 * LIMIT },
        );
        const why = await end();
        assert.deepEqual([why.kind, why.code, answer, unread], ["Violation", 1009, "before", 0]);
        // For a browser it is only clean if it has got rid of everything that the page sent.
        assert.deepEqual([ended.code, ended.reason, ended.errors], [1009, why.reason, 0]);
      });
    }
  });
