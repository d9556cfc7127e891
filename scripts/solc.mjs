#!/usr/bin/env node
// npm's solc behind the command line of the native compiler, for py-solc-x, forge and slither: `--version` and `--standard-json`.
// solcjs's own command line cannot stand in: it prints a banner to stdout and reads stdin in one go, which fails with EAGAIN on a pipe.
import { readFileSync, readSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const WITH_VALUE = new Set(["--base-path", "--include-path", "--allow-paths", "--evm-version"]);
const FLAGS = new Set(["--version", "--standard-json", "--help"]);

/** Waits a few milliseconds without an event loop: the other end of the pipe is not ready. */
function pause() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

/** Runs a read or a write again until the pipe is ready. */
function insist(action) {
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      pause();
    }
  }
}

function readToEnd(descriptor) {
  const chunks = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(1 << 16);
    let count;
    try {
      count = insist(() => readSync(descriptor, chunk, 0, chunk.length, null));
    } catch (error) {
      if (error.code !== "EOF") throw error; // how Windows says that a pipe has ended
      count = 0;
    }
    if (count === 0) return Buffer.concat(chunks).toString("utf8");
    chunks.push(chunk.subarray(0, count));
  }
}

function writeAll(descriptor, text) {
  const bytes = Buffer.from(text, "utf8");
  for (let done = 0; done < bytes.length; ) done += insist(() => writeSync(descriptor, bytes, done));
}

function die(message) {
  writeAll(2, `${message}\n`);
  process.exit(1);
}

function parse(words) {
  const given = { flags: new Set(), base: process.cwd(), include: [], allow: [] };
  for (let at = 0; at < words.length; at++) {
    const [word, joined] = words[at].split(/=(.*)/s);
    if (FLAGS.has(word)) given.flags.add(word);
    else if (WITH_VALUE.has(word)) {
      const value = joined ?? words[++at];
      if (value === undefined) die(`unrecognised option '${word}' without a value`);
      if (word === "--base-path") given.base = resolve(value);
      if (word === "--include-path") given.include.push(resolve(value));
      if (word === "--allow-paths") given.allow.push(...value.split(",").filter(Boolean).map((path) => resolve(given.base, path)));
    } else if (word !== "-") die(`unrecognised option '${word}'`);
  }
  return given;
}

/** Answers an import the input does not carry: from the base path, the include paths, then node_modules; never from anywhere else. */
function reader({ base, include, allow }) {
  const roots = [base, ...include, join(ROOT, "node_modules")];
  const allowed = [...roots, ...allow, ROOT];
  return (name) => {
    const places = isAbsolute(name) ? [name] : roots.map((root) => join(root, name));
    for (const place of places.filter((path) => allowed.some((root) => path === root || path.startsWith(root + sep)))) {
      try {
        return { contents: readFileSync(place, "utf8") };
      } catch (error) {
        if (!["ENOENT", "EISDIR", "ENOTDIR"].includes(error.code)) return { error: `${place}: ${error.code}` };
      }
    }
    return { error: `File not found: looked for ${places.join(", ")}` };
  };
}

const given = parse(process.argv.slice(2));
let solc;
try {
  solc = createRequire(import.meta.url)("solc");
} catch {
  die("solc is not installed – run make setup");
}
if (given.flags.has("--version")) {
  writeAll(1, `solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else if (given.flags.has("--standard-json")) {
  writeAll(1, solc.compile(readToEnd(0), { import: reader(given) }) + "\n");
} else {
  die("usage: solc.mjs --version | --standard-json [--base-path DIR] [--include-path DIR]… [--allow-paths DIR,…] < input.json");
}
