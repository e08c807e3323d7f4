// Nothing here runs: it compiles, and each marked line would not without its mark.

import {
  type Client,
  ClientError,
  type ClientState,
  type Integer,
  ServerError,
  connect,
  defaultRetry,
} from "../../ignitia/src/contract/typescript/runtime.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

const room = connect("room", { path: { room: "lobby" }, query: { token: "t" } });
const board = connect("board", { path: { owner: 1, rest: "a/b" } });
const jobs = connect("jobs");
const raw: Client<"raw"> = connect("raw", { url: "wss://example.org", silence: 1_000 });

// The endpoint, its path and its query.
// @ts-expect-error
connect("none");
// @ts-expect-error
connect("room");
// @ts-expect-error
connect("room", { path: { room: "lobby" } });
// @ts-expect-error
connect("room", { query: { token: "t" } });
// @ts-expect-error
connect("room", { path: { room: 7 }, query: { token: "t" } });
// @ts-expect-error
connect("room", { path: { room: "lobby", other: "x" }, query: { token: "t" } });
// @ts-expect-error
connect("room", { path: { room: "lobby" }, query: () => ({ token: 7 }) });
// @ts-expect-error
connect("jobs", { path: { room: "lobby" } });
// @ts-expect-error
connect("jobs", { silense: 1_000 });
connect("room", { path: { room: "lobby" }, query: () => ({ token: "t" }), protocols: ["v2"] });
connect("room", { path: { room: "lobby" }, query: async () => ({ token: "t" }), url: async () => new URL("ws://x") });
connect("board", { path: { owner: 1, rest: "" }, query: { zoom: 2 } });
connect("jobs", { url: undefined, retry: (end) => (end.code === 4001 ? 0 : defaultRetry(end)) });
// @ts-expect-error
connect("jobs", { retry: () => "soon" });
connect("jobs", { retry: (end) => (end.cause instanceof TypeError || end.previous?.code === 3000 ? null : 0) });

// Messages to the server.
room.send.say({ text: "hi" });
room.send.add({ name: "a", by: 1n });
room.send.leave();
board.send.line([{ x: 1, y: 2 }, { x: 3, y: 4 }]);
// @ts-expect-error
room.send.shout({ text: "hi" });
// @ts-expect-error
room.send.say();
// @ts-expect-error
room.send.say({ text: 7 });
// @ts-expect-error
room.send.say({ text: "hi", loud: true });
// @ts-expect-error
room.send.leave({ text: "hi" });
// @ts-expect-error
board.send.line([{ x: 1, y: 2 }]);
// @ts-expect-error
raw.send.say({ text: "hi" });
// @ts-expect-error
room.send.then;

// Data without a type, where the endpoint takes it.
raw.sendRaw("text");
raw.sendRaw(new ArrayBuffer(1));
raw.sendRaw(new Float64Array(1).subarray(0, 1));
raw.sendRaw(new DataView(new ArrayBuffer(1)));
jobs.sendRaw("ping");
board.sendRaw(new Uint8Array([1]));
// @ts-expect-error
raw.sendRaw({ text: "hi" });
// @ts-expect-error
raw.sendRaw([1, 2]);
// @ts-expect-error
jobs.sendRaw(new Uint8Array([1]));
// @ts-expect-error
board.sendRaw("text");
// @ts-expect-error
room.sendRaw("text");
room.onRaw((data) => same<typeof data, string | ArrayBuffer>(true));

// Messages from the server.
const remove: () => void = room.on.said(({ from, text }) => {
  same<typeof from, Integer>(true);
  same<typeof text, string>(true);
});
board.on.cleared((nothing) => same<typeof nothing, undefined>(true));
jobs.on.line((line) => same<typeof line, string>(true));
// @ts-expect-error
room.on.sad(() => {});
// @ts-expect-error
room.on.said(({ form }) => form);
// @ts-expect-error
room.on.said((text: string) => text);

// Requests and their replies.
export async function requests(signal: AbortSignal): Promise<void> {
  const added = await room.request.add({ name: "a", by: 1 }, { signal, timeout: 1_000, repeat: true });
  same<typeof added, { type: "value"; name: string; value: Integer }>(true);
  const { sum } = await room.request.total();
  same<typeof sum, Integer>(true);
  await room.request.total(undefined, { signal });
  const progress = await jobs.request.run({ command: "ls" });
  same<typeof progress, { line: string } | "done">(true);
  // @ts-expect-error
  await room.request.say({ text: "hi" });
  // @ts-expect-error
  await room.request.total({ timeout: 1_000 });
  // @ts-expect-error
  await room.request.add();
  // @ts-expect-error
  await room.request.add({ name: "a", by: "1" });
  // @ts-expect-error
  await room.request.add({ name: "a", by: 1 }, { timeout: "1 s" });
  // @ts-expect-error
  await board.request.line([]);
}

// Iteration: the messages as they are on the wire, told apart by their tags.
export async function iteration(): Promise<void> {
  for await (const message of room) {
    switch (message.type) {
      case "said":
        same<typeof message.text, string>(true);
        break;
      case "value":
        same<typeof message.value, Integer>(true);
        break;
      case "total":
        break;
      default:
        same<typeof message, never>(true);
    }
  }
  for await (const data of raw) same<typeof data, string | ArrayBuffer>(true);
  for await (const message of board) {
    if (typeof message === "string" || message instanceof ArrayBuffer) continue;
    same<typeof message.type, "line" | "cleared">(true);
  }
}

// States and errors.
export function describe(state: ClientState): string {
  switch (state.name) {
    case "connecting":
    case "open":
      return state.name;
    case "waiting":
      return `until ${state.until}: ${state.code} ${state.reason}`;
    case "closed":
      return `by the ${state.by}, ${state.unsent} unsent`;
  }
}
// @ts-expect-error
room.state.until;
// @ts-expect-error
room.state = { name: "open" };
room.onState(describe);
room.onResumed((resumed) =>
  resumed.lost ? same<typeof resumed.recovered, undefined>(true) : same<typeof resumed.recovered, number>(true),
);
room.onResumed(({ lost, recovered }) => same<typeof lost | typeof recovered, true | number | undefined>(true));
room.onLagged(({ missed }) => same<typeof missed, number | null>(true));
room.onError((error) => {
  same<typeof error, ClientError | ServerError>(true);
  // @ts-expect-error
  if (error instanceof ClientError && error.code === "time_out") return;
  if (error instanceof ServerError) same<typeof error.expected, readonly string[]>(true);
});
remove();
