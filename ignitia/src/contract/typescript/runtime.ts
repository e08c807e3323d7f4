// <contract>
export type Ask =
  | { type: "say"; text: string }
  | { type: "add"; name: string; by: Integer }
  | { type: "total" }
  | { type: "leave" };

export type Tell =
  | { type: "said"; from: Integer; text: string }
  | { type: "value"; name: string; value: Integer }
  | { type: "total"; sum: Integer };

export interface Point {
  x: number;
  y: number;
}

export type Draw = { type: "line"; data: [Point, Point] } | { type: "clear" };

export type Drawn = { type: "line"; data: [Point, Point] } | { type: "cleared" };

export type Job = { run: { command: string } } | { stop: null };

export type Progress = { line: string } | "done";

export type ErrorCode = "bad_name" | (string & {});

export interface Endpoints {
  room: {
    path: { room: string };
    query: { token: string };
    send: {
      say: { text: string };
      add: { name: string; by: Integer };
      total: undefined;
      leave: undefined;
    };
    sent: Ask;
    on: {
      said: { type: "said"; from: Integer; text: string };
      value: { type: "value"; name: string; value: Integer };
      total: { type: "total"; sum: Integer };
    };
    received: Tell;
    sentRaw: never;
    request: {
      add: { type: "value"; name: string; value: Integer };
      total: { type: "total"; sum: Integer };
    };
  };
  board: {
    path: { owner: number; rest: string };
    query: { zoom?: number };
    send: { line: [Point, Point]; clear: undefined };
    sent: Draw;
    on: { line: [Point, Point]; cleared: undefined };
    received: Drawn | string | ArrayBuffer;
    sentRaw: ArrayBuffer | ArrayBufferView;
    request: {};
  };
  jobs: {
    path: {};
    query: {};
    send: { run: { command: string }; stop: undefined };
    sent: Job;
    on: { line: string; done: undefined };
    received: Progress;
    sentRaw: string;
    request: { run: Progress };
  };
  raw: {
    path: {};
    query: {};
    send: {};
    sent: never;
    on: {};
    received: string | ArrayBuffer;
    sentRaw: string | ArrayBuffer | ArrayBufferView;
    request: {};
  };
}

const endpoints: { readonly [name in keyof Endpoints]: EndpointInfo } = {
  room: {
    path: "/rooms/{room}",
    sent: ["type"],
    received: ["type"],
    send: ["say", "add", "total", "leave"],
    on: ["said", "value", "total"],
    request: ["add", "total"],
    id: "id",
    resumes: true,
    subprotocols: ["v2"],
  },
  board: {
    path: "/boards/{owner}/{*rest}",
    sent: ["type", "data"],
    received: ["type", "data"],
    send: ["line", "clear"],
    on: ["line", "cleared"],
    takes: ["bytes"],
    sendsRaw: true,
  },
  jobs: {
    path: "/jobs",
    sent: [],
    received: [],
    send: ["run", "stop"],
    on: ["line", "done"],
    request: ["run"],
    takes: ["text"],
    id: "id",
  },
  raw: { path: "/raw", sent: undefined, received: undefined, takes: ["text", "bytes"], sendsRaw: true },
};
// </contract>

/**
 * An integer of 64 bits or more: a number from -(2^53 - 1) to 2^53 - 1, where numbers are exact,
 * else a bigint. Send larger ones as bigints, too: a larger number may have been rounded, so it is
 * written as a float (`1e16` as `10000000000000000.0`), which a server refuses as an integer.
 */
export type Integer = number | bigint;

/**
 * Connects to an endpoint, and stays connected: a connection that ends is followed by another one,
 * after a while, until `close()` or until another attempt is useless. `client.state` and
 * `client.onState` show which.
 *
 * ```ts
 * const query = async () => ({ token: await freshToken() });
 * const client = connect("room", { path: { room: "lobby" }, query });
 * client.on.said(({ from, text }) => show(from, text));
 * client.send.say({ text: "hi" });
 * const { sum } = await client.request.total();
 * ```
 *
 * Throws a `ClientError` with the code `bad_option` if an option is wrong; the message says what to
 * write. If the wrong value comes from a function, the client closes, and the reason of its state
 * says the same.
 */
export function connect<EndpointName extends keyof Endpoints>(
  name: EndpointName,
  ...[options]: ConnectArguments<ConnectOptions<EndpointName>>
): Client<EndpointName> {
  return new Client(name, options ?? {});
}

/**
 * Options of `connect`: the endpoint's path parameters and query, and the client's own
 * `ClientOptions`.
 */
export type ConnectOptions<EndpointName extends keyof Endpoints> = ClientOptions &
  OptionFor<"path", Endpoints[EndpointName]["path"], Endpoints[EndpointName]["path"]> &
  OptionFor<"query", Endpoints[EndpointName]["query"], Provided<Endpoints[EndpointName]["query"]>>;

/**
 * A value, or a function that is called before each attempt to connect, such as to fetch a fresh
 * token.
 */
export type Provided<T> = T | (() => T | Promise<T>);

/**
 * Options of every client. Times are in milliseconds. Each number may be `Infinity`; 0 may be
 * `spread`, `stable` and `queue`.
 */
export interface ClientOptions {
  /**
   * URL of the server (`wss:`, `https:`, or without TLS), with the path that it is mounted at, and
   * with query parameters that the contract does not know, if any. Default: the page's origin.
   */
  readonly url?: Provided<string | URL> | undefined;
  /** Subprotocols to offer, instead of those of the contract. */
  readonly protocols?: Provided<readonly string[]> | undefined;
  /**
   * Function that opens the WebSocket, in place of `new WebSocket(url, protocols)`. Outside browsers
   * it may send headers: `(url, protocols) => new WebSocket(url, { headers, protocols })` in Node.js,
   * Deno and Bun.
   */
  readonly webSocket?: ((url: URL, protocols: string[]) => WebSocket) | undefined;
  /** Rule for the next attempt. Default `defaultRetry`. */
  readonly retry?: ((end: ConnectionEnd) => number | null) | undefined;
  /** Number of attempts before the client closes, if it never had a connection. Default 5. */
  readonly attempts?: number | undefined;
  /** Time over which the clients of a server that ends spread their attempts. Default 10,000. */
  readonly spread?: number | undefined;
  /** Time after which an attempt has failed. Default 10,000. */
  readonly connectTimeout?: number | undefined;
  /**
   * Time for which a connection is open before the attempts are counted anew. Default 10,000. With
   * 0 every connection counts: while a server accepts and then closes each, the pauses do not grow.
   */
  readonly stable?: number | undefined;
  /**
   * Time in which the server is asked for a sign of life, and again that for the answer: a dead
   * connection is dropped at the latest twice this time after its last message. Default 15,000;
   * `Infinity` never asks. It has to be longer than anything keeps an answer back:
   *
   * - the largest message that the server sends, on the slowest network. A message of this client
   *   that is on its way counts as a sign of life;
   * - the pause of a rate limit (`WebSocketConfig::message_rate`, `byte_rate`), in which the server
   *   reads nothing;
   * - a handler that blocks its thread, or takes so long that more than `read_ahead_bytes` and
   *   256 KiB wait for it.
   *
   * After 40 to 90 % of this time without a message (connections differ, so that many clients do
   * not ask at once) the client sends `{"type":"$ping"}`. The server answers with
   * `{"type":"$pong"}` by itself, also while a handler is busy, and any other message is a sign of
   * life, too. If none comes within this time after the question, the connection is dropped, and
   * the next one follows as `defaultRetry` says. A page that becomes visible and a network that is
   * back are reasons to ask at once, and to wait for three seconds only.
   *
   * Endpoints whose messages have no type are not asked. A question of the server
   * (`WebSocketConfig::liveness_interval`) is always answered.
   */
  readonly silence?: number | undefined;
  /** Time from the call of a request to its reply. Default 10,000. */
  readonly timeout?: number | undefined;
  /** Number of messages that wait for a connection. Default 100. */
  readonly queue?: number | undefined;
  /** Number of messages that wait for an async iteration. Default 1,000. */
  readonly buffer?: number | undefined;
}

/** Options of a request. */
export interface RequestOptions {
  /** Gives the request up: it is rejected with `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from the call to the reply. Default: that of the client. */
  readonly timeout?: number | undefined;
  /**
   * True for a request that does no harm if the server handles it twice: after a lost connection it
   * is sent again, where others are rejected with `connection_lost`.
   */
  readonly repeat?: boolean | undefined;
}

/** State of a client. */
export type ClientState =
  | { readonly name: "connecting" }
  | { readonly name: "open" }
  | {
      readonly name: "waiting";
      /** Time of the next attempt, as in `Date.now()`. `Infinity` for a page that was left. */
      readonly until: number;
      /** Close code of the last connection; 1006 if it was lost, or if an attempt failed. */
      readonly code: number;
      /** Reason of the close frame, or the error of the attempt. */
      readonly reason: string;
    }
  | {
      readonly name: "closed";
      readonly code: number;
      readonly reason: string;
      /** `user` after `close()`, `rule` if another attempt is useless. */
      readonly by: "user" | "rule";
      /** Number of messages that were never sent. */
      readonly unsent: number;
    };

/**
 * End of a connection, or of an attempt to connect, for the rule that chooses the time of the next
 * attempt.
 */
export interface ConnectionEnd {
  /** Close code; 1006 for a connection that was lost, and for an attempt that failed. */
  readonly code: number;
  readonly reason: string;
  /** Number of ends before this one since a connection was stable. */
  readonly attempt: number;
  /** True for a connection, false for an attempt. */
  readonly wasOpen: boolean;
  /** True if this client ever had a connection. */
  readonly everOpen: boolean;
  /** True if the connection was dropped because the server did not answer. */
  readonly isDead: boolean;
  /**
   * Error of an attempt that could not begin: that of a function of the options, or a `ClientError`
   * with the code `bad_option` about the value that it returned.
   */
  readonly cause: unknown;
  /**
   * End of the connection before this one, unless this one was of use: open for `stable` (up to the
   * last sign of life, if it is dead), or with a message other than the library's own.
   */
  readonly previous: Pick<ConnectionEnd, "code" | "isDead"> | undefined;
  /** True unless the browser says that there is no network. */
  readonly isOnline: boolean;
  /** True if `url`, `query` or `protocols` is a function, and may bring a fresh token. */
  readonly isRefreshable: boolean;
  /** The option `attempts`. */
  readonly attempts: number;
  /** The option `spread`. */
  readonly spread: number;
}

/**
 * Outcome for a room after a reconnect: the number of missed messages that follow, or that they are
 * lost.
 */
export type RoomResumed =
  | { readonly room: string; readonly recovered: number; readonly lost?: undefined }
  | { readonly room: string; readonly recovered?: undefined; readonly lost: true };

/**
 * Messages of a room that are missing: the server has dropped them because this client was too slow,
 * or has missed them itself.
 */
export interface RoomLagged {
  readonly room: string;
  /** Number of the messages; null if it is not known. */
  readonly missed: number | null;
}

/** Removes a callback. */
export type Unsubscribe = () => void;

/**
 * Reason of a `ClientError`:
 * - `timeout`: no reply to the request in time.
 * - `aborted`: the request's signal was aborted; `cause` is the signal's reason.
 * - `connection_lost`: the connection ended before the reply. The server may have handled the
 *   request.
 * - `queue_full`: too many messages wait for a connection. This one was not sent.
 * - `closed`: the client is closed. The message was not sent, or the reply does not come.
 * - `malformed`: the server has sent something other than a message of the contract; `cause` is
 *   what it was.
 * - `overflow`: an async iteration is too slow: more messages wait for it than `buffer`.
 * - `bad_option`: an option of `connect` or of a request, or an argument of another function, is
 *   wrong; the message says what to write.
 * - `bad_message`: the message cannot be written, and was not sent; `cause` is the error, such as
 *   that of a getter.
 */
export type ClientErrorCode =
  | "timeout"
  | "aborted"
  | "connection_lost"
  | "queue_full"
  | "closed"
  | "malformed"
  | "overflow"
  | "bad_option"
  | "bad_message";

/** Error of the client; `code` says which. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Error that the server has sent: the answer to a request or to another message. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  /** Code of the error, for programs. */
  readonly code: ErrorCode;
  /** Path to the wrong field of the message, if one is wrong. */
  readonly path: string | undefined;
  /** Names that would be right, if the server knows them. */
  readonly expected: readonly string[];

  constructor({ code, message, path, expected = [] }: ErrorFields) {
    super(message);
    this.code = code;
    this.path = path;
    this.expected = expected;
  }
}

/** Client of an endpoint, made by `connect`. */
export class Client<EndpointName extends keyof Endpoints> {
  /**
   * Sends a message: `client.send.say({ text })`. Without a connection the message waits for one.
   * It is sent at most once: one that was under way when the connection was lost may not arrive.
   *
   * A message is written as `JSON.stringify` does it, with bigints as integers, in at most 127
   * levels: servers read no more.
   *
   * Throws a `ClientError` with the code `queue_full`, `closed` or `bad_message`.
   */
  readonly send: Sends<Endpoints[EndpointName]>;

  /**
   * Calls a function for each message of a variant, in the order in which they were sent:
   * `client.on.said(show)`. Returns the function that ends this. Replies to requests are not among
   * them, but for second and late ones.
   */
  readonly on: Subscribes<Endpoints[EndpointName]>;

  /**
   * Sends a request, and returns a promise of its reply, as it is on the wire:
   *
   * ```ts
   * const { value } = await client.request.add({ by: 1 }, { timeout: 1_000 });
   * ```
   *
   * Rejects with the `ServerError` that is the answer, or with a `ClientError`: `timeout`,
   * `aborted`, `connection_lost`, `queue_full`, `closed`, `bad_message` or `bad_option`.
   */
  readonly request: Requests<Endpoints[EndpointName]>;

  readonly #info: EndpointInfo;
  readonly #path: string;
  readonly #options: AnyOptions;
  readonly #numbers: NumberOptions;

  #state: ClientState = { name: "connecting" };
  readonly #unannounced: ClientState[] = [];
  #connection: LiveSocket | undefined;
  #retryTimer: TimerHandle;
  #attempt = 0;
  #everOpen = false;
  /** True if the connection has had a message other than the library's own. */
  #wasUsed = false;
  #previous: ConnectionEnd["previous"];
  #pageListeners: AbortController | undefined;

  #lastNumber = 0;
  readonly #queue = new Map<unknown, RawData>();
  readonly #requests = new Map<unknown, PendingRequest>();
  readonly #positions = new SeenPositions();

  readonly #variantListeners = new Map<string, Set<(payload: never) => void>>();
  readonly #rawListeners = new Set<(data: string | ArrayBuffer) => void>();
  readonly #stateListeners = new Set<(state: ClientState) => void>();
  readonly #errorListeners = new Set<(error: ClientError | ServerError) => void>();
  readonly #resumedListeners = new Set<(resumed: RoomResumed) => void>();
  readonly #laggedListeners = new Set<(lagged: RoomLagged) => void>();
  readonly #buffers = new Set<IterationBuffer>();

  /** @internal */
  constructor(name: EndpointName, options: AnyOptions) {
    if (!Object.hasOwn(endpoints, name)) {
      throw badOption("the endpoint", name, `one of ${Object.keys(endpoints).join(", ")}`);
    }
    if (!isObject(options as unknown)) throw badOption("the options", options, "an object");
    const { path, url, query, protocols, retry, webSocket } = options;
    const info = (this.#info = endpoints[name]);
    this.#path = fillPath(info.path, path ?? {});
    this.#options = options;
    this.#numbers = numberOptions(options);
    for (const [name, option] of Object.entries({ retry, webSocket })) {
      if (option && typeof option !== "function") throw badOption(`the option \`${name}\``, option, "a function");
    }
    // Wrong values are errors of this call; what functions return is checked with each attempt.
    this.#address(
      typeof url === "function" ? "ws://later" : url,
      typeof query === "function" ? {} : query,
      typeof protocols === "function" ? [] : protocols,
    );
    this.send = functions(info.send, (variant) => (payload: unknown) => this.#send(variant, payload));
    this.request = functions(info.send, (variant) => (payload: unknown, options?: RequestOptions) =>
      this.#request(variant, payload, options ?? {}),
    );
    this.on = functions(info.on, (variant) => {
      const listeners = new Set<(payload: never) => void>();
      this.#variantListeners.set(variant, listeners);
      return (listener: (payload: never) => void) => subscribe(listeners, listener);
    });
    this.#connect();
  }

  /** State of the client. */
  get state(): ClientState {
    return this.#state;
  }

  /** Calls a function with each new state. */
  onState(listener: (state: ClientState) => void): Unsubscribe {
    return subscribe(this.#stateListeners, listener);
  }

  /**
   * Sends text or bytes as they are, in order with the other messages and as `send` does, to an
   * endpoint that takes them: one whose messages have no type, one with `on_raw` or `on_binary`, or
   * one whose function receives from a `TypedConnection`.
   *
   * Throws a `ClientError` with the code `queue_full`, `closed` or `bad_message`.
   */
  sendRaw(data: Endpoints[EndpointName]["sentRaw"]): void {
    const raw: unknown = data;
    const kind = typeof raw === "string" ? "text" : isBytes(raw) ? "bytes" : "another value";
    const takes: readonly string[] = this.#info.takes ?? [];
    if (!takes.includes(kind)) {
      const all = takes.join(" and ") || "nothing";
      throw new ClientError("bad_message", `for this endpoint \`sendRaw\` takes ${all}, not ${kind}`);
    }
    this.#transmit(++this.#lastNumber, raw as RawData);
  }

  /**
   * Calls a function for each message without a type, in order with the other messages: for all
   * text and bytes of an endpoint whose messages have none, else for bytes and text that are no
   * message of the contract. They are `malformed` only without such a function, and if the contract
   * does not say that the endpoint may send them.
   */
  onRaw(listener: (data: string | ArrayBuffer) => void): Unsubscribe {
    return subscribe(this.#rawListeners, listener);
  }

  /**
   * Calls a function with each error that is no answer to a request: a `ServerError` for a message
   * that was sent without an id, or a `ClientError` with the code `malformed`. Without such a
   * function they are warnings of the console.
   */
  onError(listener: (error: ClientError | ServerError) => void): Unsubscribe {
    return subscribe(this.#errorListeners, listener);
  }

  /**
   * Calls a function after a reconnect, for each room with history, before the messages that were
   * missed.
   */
  onResumed(listener: (resumed: RoomResumed) => void): Unsubscribe {
    return subscribe(this.#resumedListeners, listener);
  }

  /**
   * Calls a function where messages of a room are missing: the server has dropped them because this
   * client was too slow, or has missed them itself.
   */
  onLagged(listener: (lagged: RoomLagged) => void): Unsubscribe {
    return subscribe(this.#laggedListeners, listener);
  }

  /** Connects now, if the client waits or is closed. */
  reconnect(): void {
    if (this.#state.name !== "waiting" && this.#state.name !== "closed") return;
    this.#countAnew();
    this.#connect();
  }

  /**
   * Closes the client. Requests without a reply are rejected with `closed`.
   *
   * Throws a `ClientError` with the code `bad_option` for a code other than 1000 and 3000 to 4999,
   * and for a reason of more than 123 bytes.
   */
  close(code = 1000, reason = ""): void {
    if (code !== 1000 && !(Number.isInteger(code) && code >= 3000 && code <= 4999)) {
      throw badOption("the close code", code, "1000, or 3000 to 4999");
    }
    if (new TextEncoder().encode(reason).length > 123) {
      throw badOption("the reason of a close", reason, "up to 123 bytes");
    }
    if (this.#state.name === "closed") return;
    this.#connection?.drop(code, reason);
    this.#close(code, reason, "user");
  }

  /**
   * Iterates over all messages, as they are on the wire, from the first step of the loop until the
   * client is closed:
   *
   * ```ts
   * for await (const message of client) console.log(message);
   * ```
   *
   * Up to `buffer` messages wait for a slow loop. One more ends it with a `ClientError` with the
   * code `overflow`, after those that wait.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Endpoints[EndpointName]["received"], void, undefined> {
    const buffer = new IterationBuffer(this.#numbers.buffer);
    if (this.#state.name !== "closed") this.#buffers.add(buffer);
    else buffer.end();
    try {
      yield* buffer.messages() as AsyncGenerator<Endpoints[EndpointName]["received"], void, undefined>;
    } finally {
      this.#buffers.delete(buffer);
    }
  }

  #connect(): void {
    clearTimeout(this.#retryTimer);
    this.#pageListeners ??= this.#watchPage();
    this.#wasUsed = false;
    const connection = new LiveSocket(() => this.#freshAddress(), {
      connectTimeout: this.#numbers.connectTimeout,
      silence: this.#info.sent ? this.#numbers.silence : Infinity,
      webSocket: this.#options.webSocket,
      onOpen: () => this.#opened(connection),
      onMessage: (data) => this.#receive(data),
      onEnd: (end) => this.#ended(end),
    });
    this.#connection = connection;
    this.#setState({ name: "connecting" });
  }

  async #freshAddress(): Promise<DialAddress> {
    const { url, query, protocols } = this.#options;
    return this.#address(...(await Promise.all([provide(url), provide(query), provide(protocols)])));
  }

  #address(url?: string | URL, query?: JsonObject, protocols?: readonly string[]): DialAddress {
    const { resumes, subprotocols } = this.#info;
    const positions = resumes ? this.#positions.list() : [];
    return {
      url: endpointUrl(url, this.#path, query ?? {}, positions),
      protocols: checkProtocols(protocols ?? subprotocols ?? []),
    };
  }

  #opened(connection: LiveSocket): void {
    this.#everOpen = true;
    for (const [number, text] of this.#queue) {
      if (!connection.send(text)) break;
      this.#queue.delete(number);
    }
    this.#setState({ name: "open" });
  }

  #ended({ code, reason, cause, openFor, isDead }: SocketEnd): void {
    const { stable, attempts, spread } = this.#numbers;
    const wasOpen = openFor !== undefined;
    const wasStable = wasOpen && openFor >= stable;
    if (wasStable) this.#attempt = 0;
    const previous = wasStable || this.#wasUsed ? undefined : this.#previous;
    const { url, query, protocols } = this.#options;
    const connection = this.#connection;
    const delay = this.#delay({
      code,
      reason,
      attempt: this.#attempt,
      wasOpen,
      everOpen: this.#everOpen,
      isDead,
      cause,
      previous,
      isOnline: host.navigator?.onLine !== false,
      isRefreshable: [url, query, protocols].some((option) => typeof option === "function"),
      attempts,
      spread,
    });
    // The rule may have closed the client.
    if (this.#connection !== connection) return;
    if (wasOpen) this.#previous = { code, isDead };
    // The server is there, as far as is known, unless it does not answer on the next connection.
    if (!isDead || previous?.isDead) this.#attempt += 1;
    if (delay === null) this.#close(code, reason, "rule");
    else this.#wait(delay, code, reason);
  }

  #delay(end: ConnectionEnd): number | null {
    try {
      const delay: unknown = (this.#options.retry ?? defaultRetry)(end);
      if (delay === null || (typeof delay === "number" && delay >= 0)) return delay;
      throw badOption("the result of `retry`", delay, "milliseconds, or null");
    } catch (error) {
      report(error);
      return defaultRetry(end);
    }
  }

  #countAnew(): void {
    this.#attempt = 0;
    this.#previous = undefined;
  }

  #wait(delay: number, code: number, reason: string): void {
    this.#connection = undefined;
    this.#retryTimer = startTimer(() => this.#connect(), delay);
    this.#loseRequests();
    this.#setState({ name: "waiting", until: Date.now() + delay, code, reason });
    // Not by the timer: in hidden pages it may come a minute late.
    if (delay <= 0) this.#wake();
  }

  #close(code: number, reason: string, by: "user" | "rule"): void {
    clearTimeout(this.#retryTimer);
    this.#pageListeners?.abort();
    this.#pageListeners = this.#connection = undefined;
    const unsent = this.#queue.size;
    this.#queue.clear();
    for (const id of [...this.#requests.keys()]) this.#fail(id, closedError(code, reason));
    for (const buffer of this.#buffers) buffer.end();
    this.#setState({ name: "closed", code, reason, by, unsent });
  }

  /** Listens to the page and the network. */
  #watchPage(): AbortController {
    const controller = new AbortController();
    const { signal } = controller;
    const { document } = host;
    const show = () => document?.visibilityState === "visible" && this.#wake();
    const comeOnline = () => {
      this.#countAnew();
      this.#wake();
    };
    host.addEventListener?.("online", comeOnline, { signal });
    document?.addEventListener("visibilitychange", show, { signal });
    // A browser may keep a page that is left, with its sockets, but no script would read messages.
    host.addEventListener?.("pagehide", () => this.#leave(), { signal });
    host.addEventListener?.("pageshow", ({ persisted }) => persisted && this.#wake(), { signal });
    return controller;
  }

  #wake(): void {
    if (this.#state.name === "waiting") this.#connect();
    else this.#connection?.probe(PROMPT_ANSWER);
  }

  #leave(): void {
    clearTimeout(this.#retryTimer);
    this.#connection?.drop(1000, "the page was left");
    this.#wait(Infinity, 1000, "the page was left");
  }

  /** Announces a state, after those that listeners have not heard yet. */
  #setState(state: ClientState): void {
    this.#state = state;
    if (this.#unannounced.push(state) > 1) return;
    for (let next; (next = this.#unannounced[0]); this.#unannounced.shift()) emit(this.#stateListeners, next);
  }

  #send(variant: string, payload: unknown): void {
    this.#transmit(++this.#lastNumber, write(() => encode(this.#info.sent, variant, payload)));
  }

  #transmit(number: number, data: RawData): void {
    if (this.#state.name === "closed") throw closedError(this.#state.code, this.#state.reason);
    if (this.#connection?.send(data)) return;
    const { queue } = this.#numbers;
    if (this.#queue.size >= queue) {
      throw new ClientError("queue_full", `${queue} messages wait for a connection`);
    }
    this.#queue.set(number, typeof data === "string" ? data : copy(data));
  }

  #request(variant: string, payload: unknown, options: RequestOptions): Promise<unknown> {
    const { signal, timeout, repeat = false } = options;
    return new Promise((resolve, reject) => {
      const { id: idName, request, sent } = this.#info;
      if (!idName || !request?.includes(variant)) {
        const wanted = request?.join(", ") ?? "there is none";
        throw badOption("the request", variant, `one with a reply: ${wanted}`);
      }
      const limit = numberOption("timeout", timeout ?? this.#numbers.timeout);
      const aborted = () => new ClientError("aborted", "the request was aborted", signal?.reason);
      if (signal?.aborted) throw aborted();
      if (signal && !signal.addEventListener) {
        throw badOption("the option `signal`", signal, "an `AbortSignal`");
      }
      const abort = () => this.#fail(id, aborted());
      const expire = () => this.#fail(id, new ClientError("timeout", `no reply in ${limit} ms`));
      const id = ++this.#lastNumber;
      const text = write(() => ({ ...encode(sent, variant, payload), [idName]: id }));
      this.#transmit(id, text);
      const timer = startTimer(expire, limit);
      signal?.addEventListener("abort", abort);
      const release = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      this.#requests.set(id, { text, repeat, resolve, reject, release });
    });
  }

  /** Takes a request from those that wait for a reply, and from the queue. */
  #settle(id: unknown): PendingRequest | undefined {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    this.#queue.delete(id);
    request?.release();
    return request;
  }

  #fail(id: unknown, error: ClientError): void {
    this.#settle(id)?.reject(error);
  }

  /** Rejects the requests that were under way, or puts them before the queue. */
  #loseRequests(): void {
    const queued = [...this.#queue];
    const underWay = [...this.#requests].filter(([id]) => !this.#queue.has(id));
    this.#queue.clear();
    for (const [id, { text, repeat }] of underWay) {
      if (repeat) this.#queue.set(id, text);
      else this.#fail(id, new ClientError("connection_lost", "the connection ended before the reply"));
    }
    for (const [number, text] of queued) this.#queue.set(number, text);
  }

  #receive(data: string | ArrayBuffer): void {
    const message = parseMessage(data);
    const { type, $at: at } = isObject(message) ? message : {};
    if (typeof at === "string") this.#positions.advance(at);
    if (typeof type === "string" && type.startsWith("$")) return this.#receiveOwn(message as LibraryMessage);
    this.#wasUsed = true;
    const { received, sendsRaw, id } = this.#info;
    const decoded = received && decode(received, message, id);
    if (decoded) this.#receiveTyped(decoded, message);
    else if (sendsRaw || this.#rawListeners.size > 0) this.#receiveRaw(data);
    else this.#warn(new ClientError("malformed", "the server has sent a malformed message", data));
  }

  /** Handles a message of the library itself. Unknown ones are of a newer server. */
  #receiveOwn(message: LibraryMessage): void {
    const idName = this.#info.id ?? "";
    const id = message[idName];
    switch (message.type) {
      case "$ping":
        this.#connection?.send(write(() => ({ type: "$pong", [idName]: id })));
        break;
      case "$error": {
        const error = new ServerError(message);
        const request = this.#settle(id);
        if (request) request.reject(error);
        else this.#warn(error);
        break;
      }
      case "$resumed": {
        const { room, recovered, lost } = message;
        emit<RoomResumed>(this.#resumedListeners, lost ? { room, lost } : { room, recovered });
        break;
      }
      case "$lagged":
        emit(this.#laggedListeners, { room: message.room, missed: message.missed });
    }
  }

  #receiveTyped({ variant, payload, id }: DecodedMessage, message: unknown): void {
    const request = this.#settle(id);
    if (request) return request.resolve(message);
    emit(this.#variantListeners.get(variant), payload as never);
    this.#deliver(message);
  }

  #receiveRaw(data: string | ArrayBuffer): void {
    emit(this.#rawListeners, data);
    if (this.#info.sendsRaw) this.#deliver(data);
  }

  /** Hands a message to the iterations. */
  #deliver(message: unknown): void {
    for (const buffer of this.#buffers) {
      if (!buffer.push(message)) this.#buffers.delete(buffer);
    }
  }

  #warn(error: ClientError | ServerError): void {
    if (this.#errorListeners.size === 0) console.warn(error);
    emit(this.#errorListeners, error);
  }
}

const FIRST_WINDOW = 500;
const LAST_WINDOW = 30_000;

/** Codes after which another attempt would end the same way, as after the application's. */
const FINAL = new Set([1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003]);
/** Codes with which all connections of a server may have ended: it stops, or is lost. */
const COMMON = new Set([1001, 1005, 1006, 1012, 1013]);

/**
 * Returns the milliseconds until the next attempt, or null if another one is useless.
 *
 * - If an option is wrong (`cause` is a `ClientError` with the code `bad_option`): null.
 * - After 1000, 1002, 1003, 1007 to 1010, 3000, 3003 and 4000 to 4999: null. But after 3000 (not
 *   authenticated) there is an attempt with a fresh token, if a function may fetch one. If that is
 *   refused as well, null: the connection before ended with 3000, too, and this one was of no use
 *   (`previous`).
 * - If no connection was ever open, null after as many attempts as the option says: browsers do not
 *   tell a refusal from a server that is not there. Without a network: never.
 * - After a connection that was dropped because the server did not answer: 0. If it was of no use,
 *   and the one before was dropped for the same reason, it counts as an attempt that failed.
 * - Else a random part of a window (full jitter), which is three times as long with each attempt,
 *   up to 30 s. The first window is half a second. It is `spread` after an end that all clients of
 *   the server may have seen at the same moment (1001, 1005, 1006, 1012, 1013), and for attempts to
 *   come back that failed: so no second has more than 15 % of the clients.
 */
export function defaultRetry(end: ConnectionEnd): number | null {
  const { code, attempt, wasOpen, everOpen, isDead, cause, previous } = end;
  const { isOnline, isRefreshable, attempts, spread } = end;
  if (cause instanceof ClientError && cause.code === "bad_option") return null;
  if (isDead && !previous?.isDead) return 0;
  const mayRefresh = code === 3000 && isRefreshable && previous?.code !== 3000;
  if ((FINAL.has(code) || (code >= 4000 && code <= 4999)) && !mayRefresh) return null;
  if (!everOpen && isOnline && attempt + 1 >= attempts) return null;
  const isCommon = wasOpen ? COMMON.has(code) : everOpen;
  const firstWindow = isCommon ? Math.max(spread, FIRST_WINDOW) : FIRST_WINDOW;
  return Math.random() * Math.min(firstWindow * 3 ** attempt, Math.max(spread, LAST_WINDOW));
}

/** Time for the answer to a probe when the page becomes visible or the network is back. */
const PROMPT_ANSWER = 3_000;
/** Delay by which a timer shows that this program stood still. */
const LATE = 1_000;

/** One WebSocket, from the choice of its address to its end, and the probes of its liveness. */
class LiveSocket {
  readonly #settings: ConnectionSettings;
  /** Time until the first probe of a silent server. */
  readonly #patience: number;
  #socket: WebSocket | undefined;
  #timer: TimerHandle;
  #isOver = false;
  #openedAt: number | undefined;
  #heardAt = 0;
  #probe:
    | { readonly due: number; readonly limit: number; readonly isSecond: boolean; readonly waiting: number }
    | undefined;

  constructor(address: () => Promise<DialAddress>, settings: ConnectionSettings) {
    this.#settings = settings;
    this.#patience = settings.silence * (0.9 - Math.random() / 2);
    const expire = () => this.#end({ code: 1006, reason: "no connection in time" });
    this.#timer = startTimer(expire, settings.connectTimeout);
    address()
      .then((address) => this.#isOver || this.#dial(address))
      .catch((cause: unknown) => this.#end({ code: 1006, reason: String(cause), cause }));
  }

  /** Sends a message, or returns false if the connection is not open. */
  send(data: RawData): boolean {
    if (this.#openedAt === undefined || this.#socket?.readyState !== 1) return false;
    // The types of bytes differ between the versions of the compiler.
    this.#socket.send(data as string);
    return true;
  }

  /** Closes the socket. Nothing that comes from it counts from now on. */
  drop(code: number, reason: string): void {
    // First: `close` may report an error at once.
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket?.close(code, reason);
  }

  /** Number of bytes that wait to be sent. */
  get #waiting(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Asks the server for a sign of life within `limit`, unless one is due before. */
  probe(limit: number, isSecond = false): void {
    if (this.#settings.silence === Infinity || this.#openedAt === undefined) return;
    const now = performance.now();
    const due = now + limit;
    if (this.#probe && this.#probe.due > now && this.#probe.due <= due) return;
    // Before the question, which is on its way for a moment, too.
    const waiting = this.#waiting;
    // A socket that is closing sends nothing, and has as much time to end.
    this.send(PING);
    this.#probe = { due, limit, isSecond, waiting };
    this.#schedule(limit);
  }

  #dial({ url, protocols }: DialAddress): void {
    const socket = (this.#socket = newWebSocket(this.#settings.webSocket, url, protocols));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (this.#isOver) return socket.close();
      this.#openedAt = this.#heardAt = performance.now();
      this.#schedule(this.#patience);
      this.#settings.onOpen();
    };
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (this.#isOver) return;
      this.#heardAt = performance.now();
      this.#probe = undefined;
      this.#settings.onMessage(data as string | ArrayBuffer);
    };
    // Node.js 22 has no `close` for a failed attempt.
    socket.onerror = () => this.#openedAt === undefined && this.#end({ code: 1006, reason: "" });
    // Deno reports 0 for a lost connection.
    socket.onclose = ({ code, reason }) => this.#end({ code: code || 1006, reason });
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = startTimer(() => this.#check(), delay);
  }

  /** Compares clocks: the timer may come late, and messages do not reset it. */
  #check(): void {
    const probe = this.#probe;
    const late = performance.now() - (probe ? probe.due : this.#heardAt + this.#patience);
    if (late < 0) this.#schedule(-late);
    else if (!probe) this.probe(this.#settings.silence);
    // The question waits behind a message that is on its way.
    else if (this.#waiting < probe.waiting) this.probe(probe.limit);
    // This program stood still, and has not read the answer yet.
    else if (late > LATE && !probe.isSecond) this.probe(probe.limit, true);
    else this.#end({ code: 1006, reason: "no answer to `$ping`", isDead: true });
  }

  #end(end: Omit<SocketEnd, "openFor" | "isDead"> & { isDead?: boolean }): void {
    if (this.#isOver) return;
    this.drop(3008, "no answer in time");
    const { isDead = false } = end;
    // Of a dead connection nothing is known since the last sign of life.
    const endedAt = isDead ? this.#heardAt : performance.now();
    const openFor = this.#openedAt === undefined ? undefined : endedAt - this.#openedAt;
    this.#settings.onEnd({ ...end, openFor, isDead });
  }
}

/** Number of positions that a server reads. */
const MAX_POSITIONS = 16;

/**
 * The last position that was seen of each of the latest lives of rooms, the most recent one at the
 * end. The last eight digits of an epoch may differ among the positions of one life.
 */
class SeenPositions {
  readonly #positions = new Map<string, { readonly epoch: string; readonly offset: number }>();

  /** Moves on to a position. Earlier ones are those of a history that the program has asked for. */
  advance(at: string): void {
    const [epoch = "", digits] = at.split(".");
    const offset = Number(digits);
    const life = epoch.slice(0, -8);
    if (offset <= (this.#positions.get(life)?.offset ?? -1)) return;
    this.#positions.delete(life);
    this.#positions.set(life, { epoch, offset });
    const [oldest = ""] = this.#positions.keys();
    if (this.#positions.size > MAX_POSITIONS) this.#positions.delete(oldest);
  }

  /** Returns the positions in the form of the wire. */
  list(): string[] {
    return Array.from(this.#positions.values(), ({ epoch, offset }) => `${epoch}.${offset}`);
  }
}

/** Messages that wait for an async iteration. */
class IterationBuffer {
  readonly #limit: number;
  readonly #messages: unknown[] = [];
  #isOver = false;
  #hasOverflown = false;
  #wake = (): void => {};

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds a message. Returns false, and ends, if there are too many. */
  push(message: unknown): boolean {
    this.#hasOverflown = this.#messages.length >= this.#limit;
    if (this.#hasOverflown) this.end();
    else this.#messages.push(message);
    this.#wake();
    return !this.#hasOverflown;
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *messages(): AsyncGenerator<unknown, void, undefined> {
    for (;;) {
      while (this.#messages.length > 0) yield this.#messages.shift();
      if (this.#hasOverflown) {
        throw new ClientError("overflow", `more than ${this.#limit} messages wait for the iteration`);
      }
      if (this.#isOver) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** Starts a timer. A delay that timers cannot count (24 days) never ends. */
function startTimer(callback: () => void, delay: number): TimerHandle {
  return delay < 2 ** 31 ? setTimeout(callback, delay) : undefined;
}

/** Returns the message of a variant in a representation. */
function encode(representation: Representation = [], variant: string, payload: unknown): JsonObject {
  const [tag, content] = representation;
  if (tag === undefined) return { [variant]: payload ?? null };
  if (content !== undefined) return { [tag]: variant, [content]: payload };
  const fields = replaced(payload) ?? {};
  if (!isObject(fields)) throw new TypeError(`the fields of \`${variant}\` are no object`);
  // The tag is first, and a field of the payload cannot replace it.
  return { [tag]: variant, ...fields, [tag]: variant };
}

/** Returns the parts of a message, or nothing for a malformed one. */
function decode(
  [tag, content]: Representation,
  message: unknown,
  idName = "",
): DecodedMessage | undefined {
  const isExternal = tag === undefined;
  if (isExternal && typeof message === "string") {
    return { variant: message, payload: undefined, id: undefined };
  }
  if (!isObject(message)) return undefined;
  const isVariant = (name: string): boolean => name !== idName && name !== "$at";
  const variant = isExternal ? Object.keys(message).find(isVariant) : message[tag];
  if (typeof variant !== "string") return undefined;
  const isInternal = !isExternal && content === undefined;
  return { variant, payload: isInternal ? message : message[content ?? variant], id: message[idName] };
}

/** Returns the value of a JSON text, or undefined if it is none. */
function parseMessage(data: unknown): unknown {
  try {
    return typeof data === "string" ? parse(data) : undefined;
  } catch {
    return undefined;
  }
}

/** Parses JSON. Integers that are no exact numbers become bigints. */
function parse(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!/\d{16}/.test(text)) return value;
  // A first character tells strings, also names, from the integers that become strings here.
  let isInString = false;
  const marked = text.replace(/\\.|"|-?\d[-+.\deE]*/g, (token) => {
    if (token === '"') return (isInString = !isInString) ? '"s' : token;
    return isInString || !isLargeInteger(token) ? token : `"i${token}"`;
  });
  return JSON.parse(marked, (_, value: unknown) => {
    if (typeof value === "string") return value.startsWith("i") ? BigInt(value.slice(1)) : value.slice(1);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name.slice(1), field]));
  });
}

function isLargeInteger(digits: string): boolean {
  return /^-?\d+$/.test(digits) && !Number.isSafeInteger(Number(digits));
}

/** Number of levels of objects and arrays that a server reads. */
const MAX_LEVELS = 127;

/** Writes a message as `JSON.stringify` does it, but with bigints as integers. */
function write(message: () => JsonObject): string {
  const place: string[] = [];
  try {
    return toJson(message(), place) ?? "null";
  } catch (error) {
    // The outer levels are enough to find it.
    const names = [...place.slice(0, 8), ...(place.length > 8 ? ["…"] : [])];
    const at = names.length > 0 ? ` at \`${names.join(".")}\`` : "";
    throw new ClientError("bad_message", `the message cannot be written${at}: ${error}`, error);
  }
}

/** Writes a value, whose place in the message is known. An error leaves the place as it is. */
function toJson(value: unknown, place: string[]): string | undefined {
  const written = replaced(value, place.at(-1));
  if (typeof written === "bigint") return String(written);
  // As a float, for it may have been rounded.
  if (typeof written === "number" && isLargeInteger(String(written))) return `${written}.0`;
  if (typeof written !== "object" || written === null) return JSON.stringify(written);
  if (place.length >= MAX_LEVELS) throw new RangeError(`there are more than ${MAX_LEVELS} levels`);
  const part = (name: string): string | undefined => {
    place.push(name);
    const json = toJson((written as JsonObject)[name], place);
    place.pop();
    return json;
  };
  if (Array.isArray(written)) {
    // Also the holes, which have no callbacks of their own.
    const { length } = written;
    return `[${Array.from({ length }, (_, index) => part(String(index)) ?? "null").join()}]`;
  }
  const fields = Object.keys(written).flatMap((name) => {
    const json = part(name);
    return json === undefined ? [] : `${JSON.stringify(name)}:${json}`;
  });
  return `{${fields.join()}}`;
}

/** Returns what JSON has in place of a value: what `toJSON` returns, and primitives. */
function replaced(value: unknown, name = ""): unknown {
  // Not a method `toJSON` of bigints, which would make texts of them.
  if (Object(value) !== value) return value;
  const method = (value as JsonObject)["toJSON"];
  const found: unknown = typeof method === "function" ? method.call(value, name) : value;
  const isPrimitive = [Number, String, Boolean, BigInt].some((type) => found instanceof type);
  return isPrimitive ? (found as object).valueOf() : found;
}

/** Puts parameters into a path such as `/rooms/{room}/{*rest}`. */
function fillPath(path: string, parameters: JsonObject): string {
  return path.replace(/\{(\*?)([^}]+)\}/g, (_, star: string, name: string) => {
    const what = `the path parameter \`${name}\``;
    const text = urlText(what, parameters[name]);
    const segments = star ? text.split("/") : [text];
    // URLs resolve dots, also where they are encoded.
    if (text === "" || segments.some((segment) => segment === "." || segment === "..")) {
      throw badOption(what, text, "a text that is not empty, and has no segment of dots");
    }
    return segments.map(encodeURIComponent).join("/");
  });
}

function endpointUrl(
  base: string | URL | undefined,
  path: string,
  query: JsonObject,
  positions: readonly string[],
): URL {
  const url = parseUrl(base ?? host.location?.origin);
  // A WebSocket refuses fragments, also empty ones.
  if (!url || !/^(ws|http)s?:$/.test(url.protocol) || url.href.includes("#")) {
    const wanted = "the server's URL, such as `wss://example.org`, without a fragment";
    throw badOption("the option `url`", base, wanted);
  }
  if (!isObject(query)) throw badOption("the option `query`", query, "an object");
  url.protocol = url.protocol.replace("http", "ws");
  url.pathname = url.pathname.replace(/\/$/, "") + path;
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    url.searchParams.append(name, urlText(`the query parameter \`${name}\``, value));
  }
  for (const position of positions) url.searchParams.append("$at", position);
  return url;
}

function parseUrl(url: string | URL | undefined): URL | undefined {
  try {
    return new URL(url ?? "");
  } catch {
    return undefined;
  }
}

/** Returns the text of a parameter of a URL. */
function urlText(what: string, value: unknown): string {
  const isNumber = typeof value === "number" && Number.isFinite(value) && !isLargeInteger(String(value));
  const text = isNumber || /^(string|bigint|boolean)$/.test(typeof value) ? String(value) : undefined;
  // Half of a character cannot be written.
  if (text !== undefined && !/\p{Surrogate}/u.test(text)) return text;
  throw badOption(what, value, "a text, a number up to 2^53 - 1, or a bigint");
}

/** Returns subprotocols, if a WebSocket takes them. */
function checkProtocols(protocols: readonly string[]): readonly string[] {
  const wanted = 'a list of words such as ["v2"], each once';
  if (!Array.isArray(protocols)) throw badOption("the option `protocols`", protocols, wanted);
  for (const [index, protocol] of protocols.entries()) {
    const isWord = /^[\w!#$%&'*+.^`|~-]+$/.test(protocol);
    if (!isWord || protocols.indexOf(protocol) < index) throw badOption("a subprotocol", protocol, wanted);
  }
  return protocols;
}

function newWebSocket(open: ClientOptions["webSocket"], url: URL, protocols: readonly string[]): WebSocket {
  let socket: WebSocket;
  try {
    socket = open ? open(url, [...protocols]) : new WebSocket(url, [...protocols]);
  } catch (error) {
    throw new ClientError("bad_option", `there can be no WebSocket for ${url.origin}: ${error}`, error);
  }
  if (!isObject(socket as unknown)) throw badOption("the result of `webSocket`", socket, "a WebSocket");
  return socket;
}

/** Options that are numbers: the default, and the least that each may be. */
const NUMBERS = {
  attempts: [5, 1],
  spread: [10_000, 0],
  connectTimeout: [10_000, 1],
  stable: [10_000, 0],
  silence: [15_000, 1],
  timeout: [10_000, 1],
  queue: [100, 0],
  buffer: [1_000, 1],
} as const;

function numberOptions(options: ClientOptions): NumberOptions {
  const names = Object.keys(NUMBERS) as (keyof NumberOptions)[];
  return Object.fromEntries(names.map((name) => [name, numberOption(name, options[name])])) as NumberOptions;
}

function numberOption(name: keyof NumberOptions, value: unknown): number {
  const [byDefault, least] = NUMBERS[name];
  const number = value ?? byDefault;
  if (typeof number === "number" && number >= least) return number;
  const wanted = `a number from ${least} to Infinity, such as ${byDefault}`;
  throw badOption(`the option \`${name}\``, value, wanted);
}

/** Returns the error for a wrong value. */
function badOption(what: string, value: unknown, wanted: string): ClientError {
  const text = typeof value === "string" ? JSON.stringify(value) : value;
  const shown = Object(value) === value ? `of the type ${typeof value}` : String(text);
  return new ClientError("bad_option", `${what} cannot be ${shown}: write ${wanted}`);
}

/** Makes an object with a function for each name, and with nothing else, such as `then`. */
function functions<T>(names: readonly string[] = [], create: (name: string) => unknown): T {
  const made: JsonObject = Object.create(null);
  for (const name of names) made[name] = create(name);
  return Object.freeze(made) as T;
}

function provide<T>(provided: Provided<T>): T | Promise<T> {
  return typeof provided === "function" ? (provided as () => T | Promise<T>)() : provided;
}

function subscribe<T>(listeners: Set<(value: T) => void>, listener: (value: T) => void): Unsubscribe {
  if (typeof listener !== "function") throw badOption("the callback", listener, "a function");
  // One function may subscribe more than once.
  const call = (value: T): void => listener(value);
  listeners.add(call);
  return () => void listeners.delete(call);
}

/** Calls all listeners. The error of one keeps no other from being called. */
function emit<T>(listeners: ReadonlySet<(value: T) => void> | undefined, value: T): void {
  for (const listener of listeners ?? []) {
    try {
      listener(value);
    } catch (error) {
      report(error);
    }
  }
}

/** Reports an error of a callback as one that nothing has caught. */
function report(error: unknown): void {
  if (host.reportError) return host.reportError(error);
  queueMicrotask(() => {
    throw error;
  });
}

function closedError(code: number, reason: string): ClientError {
  return new ClientError("closed", `the client is closed (${code}${reason && `: ${reason}`})`);
}

function isBytes(value: unknown): boolean {
  // In a test's window an `ArrayBuffer` may be one of another realm.
  return ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}

function copy(bytes: ArrayBuffer | ArrayBufferView): Uint8Array {
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(bytes) ? bytes : new Uint8Array(bytes);
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const PING = '{"type":"$ping"}';

/** The parts of a page that other hosts do not have. */
const host = globalThis as unknown as HostGlobals;

interface HostGlobals extends Partial<PageTarget> {
  readonly document?: PageTarget & { readonly visibilityState: string };
  readonly location?: { readonly origin: string };
  readonly navigator?: { readonly onLine?: boolean };
  readonly reportError?: (error: unknown) => void;
}

interface PageTarget {
  addEventListener(
    type: string,
    listener: (event: { readonly persisted?: boolean }) => void,
    options: { readonly signal: AbortSignal },
  ): void;
}

interface EndpointInfo {
  readonly path: string;
  readonly sent: Representation | undefined;
  readonly received: Representation | undefined;
  /** Names of the variants that are sent. */
  readonly send?: readonly string[];
  /** Names of the variants that are received. */
  readonly on?: readonly string[];
  /** Names of those that are sent, and have a reply. */
  readonly request?: readonly string[];
  /** Data without a type that the endpoint takes. */
  readonly takes?: readonly ("text" | "bytes")[];
  /** True if data without a type may be received. */
  readonly sendsRaw?: boolean;
  /** Name of the field with the correlation id. */
  readonly id?: string;
  /** True if the endpoint reads the positions that a returning client shows. */
  readonly resumes?: boolean;
  readonly subprotocols?: readonly string[];
}

/**
 * Fields that say the variant: none (external tagging), the tag (internal), the tag and the
 * content (adjacent).
 */
type Representation = readonly [tag?: string, content?: string];

type Sends<E extends Endpoints[keyof Endpoints]> = {
  readonly [Variant in keyof E["send"]]: (...payload: PayloadArguments<E["send"][Variant]>) => void;
};

type Subscribes<E extends Endpoints[keyof Endpoints]> = {
  readonly [Variant in keyof E["on"]]: (listener: (payload: E["on"][Variant]) => void) => Unsubscribe;
};

type Requests<E extends Endpoints[keyof Endpoints]> = {
  readonly [Variant in keyof E["request"]]: (
    ...request: RequestArguments<Variant extends keyof E["send"] ? E["send"][Variant] : never>
  ) => Promise<E["request"][Variant]>;
};

/** The options of `connect`, which may be missing where none is needed. */
type ConnectArguments<All> = {} extends All ? [options?: All] : [options: All];

type PayloadArguments<P> = [P] extends [undefined] ? [] : undefined extends P ? [payload?: P] : [payload: P];

type RequestArguments<P> = undefined extends P
  ? [payload?: P, options?: RequestOptions]
  : [payload: P, options?: RequestOptions];

/**
 * An option with fields: none where there are no fields, and a needed one where a field is needed.
 */
type OptionFor<Key extends string, All, Value> = [keyof All] extends [never]
  ? {}
  : {} extends All
    ? { readonly [key in Key]?: Value }
    : { readonly [key in Key]: Value };

type JsonObject = Record<string, unknown>;

type RawData = string | ArrayBuffer | ArrayBufferView;

type NumberOptions = Record<keyof typeof NUMBERS, number>;

type TimerHandle = ReturnType<typeof setTimeout> | undefined;

interface AnyOptions extends ClientOptions {
  readonly path?: JsonObject;
  readonly query?: Provided<JsonObject>;
}

interface DialAddress {
  readonly url: URL;
  readonly protocols: readonly string[];
}

interface ConnectionSettings {
  readonly connectTimeout: number;
  readonly silence: number;
  readonly webSocket: ClientOptions["webSocket"];
  onOpen(): void;
  onMessage(data: string | ArrayBuffer): void;
  onEnd(end: SocketEnd): void;
}

interface SocketEnd {
  readonly code: number;
  readonly reason: string;
  readonly cause?: unknown;
  /** Milliseconds for which the connection was open, if it was. */
  readonly openFor: number | undefined;
  readonly isDead: boolean;
}

interface PendingRequest {
  readonly text: string;
  readonly repeat: boolean;
  resolve(message: unknown): void;
  reject(error: Error): void;
  release(): void;
}

interface DecodedMessage {
  readonly variant: string;
  readonly payload: unknown;
  readonly id: unknown;
}

interface ErrorFields {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path?: string;
  readonly expected?: readonly string[];
}

/** Message of the library itself. */
type LibraryMessage = { readonly [field: string]: unknown } & (
  | { readonly type: "$ping" | "$pong" }
  | ({ readonly type: "$error" } & ErrorFields)
  | { readonly type: "$resumed"; readonly room: string; readonly recovered: number; readonly lost?: true }
  | { readonly type: "$lagged"; readonly room: string; readonly missed: number | null }
);
