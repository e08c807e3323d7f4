// The proxies, with the configurations of the guide. Ports and files are those of a run.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { serves } from "./client.js";
import { start } from "./processes.js";
import { within } from "./waiting.js";

const directory = mkdtempSync(join(tmpdir(), "ignitia-proxies-"));
process.on("exit", () => rmSync(directory, { recursive: true }));

/** Writes a certificate and its key, apart and in one file. */
function writeCertificate() {
  const [certificate, key, both] = ["cert.pem", "key.pem", "both.pem"].map((file) => join(directory, file));
  const options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"];
  execFileSync("openssl", ["req", ...options, "-out", certificate, "-keyout", key], { stdio: "pipe" });
  writeFileSync(both, readFileSync(certificate, "utf8") + readFileSync(key, "utf8"));
}

const modules = "/usr/lib/apache2/modules/mod_";
const apacheModules = ["mpm_event", "authz_core", "headers", "proxy", "proxy_http", "http2", "socache_shmcb", "ssl"];

/**
 * Each has `replacements` for its file, which all must occur, and the rest of a `command` with the file. `hasConnect` is
 * true of those that open WebSockets over HTTP/2 as well, `retries` of those that ask another server after a 503, and
 * `holdsGreeting` of those that may hold what the server sends with its answer until the client sends something.
 */
const KINDS = [
  {
    name: "nginx",
    file: "nginx.conf",
    retries: true,
    replacements: (port, [a, b]) => ({
      "listen 443": `listen 127.0.0.1:${port}`,
      "127.0.0.1:3000": `127.0.0.1:${a.plain}`,
      "127.0.0.1:3001": `127.0.0.1:${b.plain}`,
    }),
    main: (file) => `daemon off; pid nginx.pid; error_log stderr; events {}
http { access_log off; include ${file}; ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((kind) => `${kind}_temp_path ${kind};`)
      .join(" ")} }`,
    command: (main, own) => ["nginx", "-e", "stderr", "-p", own, "-c", main],
  },
  {
    name: "HAProxy",
    file: "haproxy.cfg",
    retries: true,
    hasConnect: true,
    replacements: (port, [a, b]) => ({
      "bind :443": `bind 127.0.0.1:${port}`,
      "127.0.0.1:3000": `127.0.0.1:${a.plain}`,
      "127.0.0.1:3001": `127.0.0.1:${b.plain}`,
    }),
    command: (file) => ["haproxy", "-db", "-f", file],
  },
  {
    name: "HAProxy, TCP",
    file: "haproxy-tcp.cfg",
    hasConnect: true,
    replacements: (port, [a]) => ({ "bind :443": `bind 127.0.0.1:${port}`, "127.0.0.1:3000": `127.0.0.1:${a.tls}` }),
    command: (file) => ["haproxy", "-db", "-f", file],
  },
  ...[
    { name: "Apache", line: "" },
    { name: "Apache, H2WebSockets", line: "H2WebSockets on", hasConnect: true, holdsGreeting: true },
  ].map(({ line, ...kind }) => ({
    ...kind,
    file: "apache.conf",
    replacements: (port, [a]) => ({ "*:443": `127.0.0.1:${port}`, "127.0.0.1:3000": `127.0.0.1:${a.plain}` }),
    main: (file, own, port) => `ServerRoot ${own}
PidFile httpd.pid
DefaultRuntimeDir ${own}
ServerName localhost
ErrorLog "|$cat >&2"
LogLevel error mpm_event:error core:error
User www-data
Group www-data
${apacheModules.map((module) => `LoadModule ${module}_module ${modules}${module}.so`).join("\n")}
Listen 127.0.0.1:${port}
${line}
Include ${file}
`,
    command: (main, own) => ["apache2", "-d", own, "-f", main, "-DFOREGROUND"],
  })),
  {
    name: "lighttpd",
    file: "lighttpd.conf",
    hasConnect: true,
    replacements: (port, [a]) => ({ "server.port = 443": `server.port = ${port}`, '"port" => 3000': `"port" => ${a.plain}` }),
    command: (file) => ["lighttpd", "-D", "-f", file],
  },
  {
    name: "nghttpx",
    file: "nghttpx.conf",
    hasConnect: true,
    replacements: (port, [a]) => ({ "*,443": `127.0.0.1,${port}`, "127.0.0.1,3000": `127.0.0.1,${a.plain}` }),
    command: (file) => ["nghttpx", `--conf=${file}`, "--errorlog-file=/dev/stderr", "--log-level=ERROR", "--no-ocsp"],
  },
];

function replaced(text, file, replacements) {
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function startProxy(kind, servers) {
  const port = await freePort();
  const own = mkdtempSync(join(directory, "proxy-"));
  const file = join(own, kind.file);
  const source = new URL(`configurations/${kind.file}`, import.meta.url);
  const text = replaced(readFileSync(source, "utf8"), kind.file, kind.replacements(port, servers));
  writeFileSync(file, text.replaceAll("/etc/ssl/app/", `${directory}/`));
  let main = file;
  if (kind.main) {
    main = join(own, "main.conf");
    writeFileSync(main, kind.main(file, own, port));
  }
  const [program, ...options] = kind.command(main, own);
  const { died, kill, exited } = start(kind.name, program, options);
  await within(Promise.race([serves(port), died]), `an answer through ${kind.name}`);
  const versions = kind.hasConnect ? ["1.1", "2"] : ["1.1"];
  return { ...kind, port, versions, stop: () => (kill("SIGTERM"), exited()) };
}

/** Starts all proxies in front of two servers. */
export function startAll(servers) {
  writeCertificate();
  return Promise.all(KINDS.map((kind) => startProxy(kind, servers)));
}
