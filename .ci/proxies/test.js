// The configurations of the guide's chapter on proxies: each proxy in front of servers of ours.
//
//     cargo build --example proxies-server
//     npm --prefix .ci/proxies ci
//     node .ci/proxies/test.js [<directory of the binaries>]
//
// The proxies are Debian's: nginx, haproxy, apache2-bin, nghttp2-proxy, lighttpd and lighttpd-mod-openssl.

import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const [binaries] = process.argv.slice(2);
if (binaries !== undefined) process.env.EXAMPLES = binaries;
const tests = run({ files: [fileURLToPath(new URL("proxies.test.js", import.meta.url))] });
tests.on("test:fail", () => (process.exitCode = 1));
tests.compose(new spec()).pipe(process.stdout);
