// Makes the golden vectors with other people's code: viem (typed data, ABI, keccak, wallets), @openzeppelin/merkle-tree, @noble/curves (P-256)
// and Node's crypto (RSA, HMAC, SHA-256). Types and fields are read from docs/protocol.md, so that the page itself is under test.
//   node tests/vectors/make.mjs           write the files beside this one
//   node tests/vectors/make.mjs --check   exit 1 when a file differs from what would be written
import { SimpleMerkleTree, StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { p256 } from "@noble/curves/p256";
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { bytesToHex, concat, encodeAbiParameters, hashDomain, hashStruct, hashTypedData, hexToBytes, keccak256, parseAbiParameters, recoverAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest();
const hex = (bytes) => bytesToHex(Uint8Array.from(bytes));
const number = (value, width) => Buffer.from(BigInt(value).toString(16).padStart(width * 2, "0"), "hex");

// A stream of bytes that is the same for ever.
class Seed {
  constructor(name) { this.name = name; this.count = 0; }
  bytes(length) {
    let out = Buffer.alloc(0);
    while (out.length < length) out = Buffer.concat([out, sha256(Buffer.from(`${this.name}/${this.count++}`))]);
    return out.subarray(0, length);
  }
  hex(length) { return hex(this.bytes(length)); }
  below(limit) { return Number(BigInt(this.hex(8)) % BigInt(limit)); }
}

// ---- typed data ----
const parseType = (text) => Object.fromEntries([...text.matchAll(/(\w+)\(([^)]*)\)/g)].map(([, name, fields]) => [name, fields.split(",").map((field) => {
  const [type, member] = field.split(" ");
  return { name: member, type };
})]));
const structs = [...page.matchAll(/`([A-Z]\w*\((?:bytes|uint|address)[^`]*\))`/g)].map(([, text]) => text).filter((text, place, all) => all.indexOf(text) === place);

function valueOf(type, types, seed, edge) {
  if (type.endsWith("[]")) {
    const count = { zero: 0, max: 16 }[edge] ?? 1 + seed.below(5);
    return Array.from({ length: count }, () => valueOf(type.slice(0, -2), types, seed, edge));
  }
  if (types[type]) return Object.fromEntries(types[type].map((field) => [field.name, valueOf(field.type, types, seed, edge)]));
  if (type === "bytes") return { zero: "0x", max: seed.hex(340) }[edge] ?? seed.hex(20 + 64 * seed.below(2));
  if (type === "string") return { zero: "", max: "Điều khoản/giá ☀ ".repeat(20) }[edge] ?? `terms.${seed.below(1000)}.giá`;
  if (type === "bytes32") return { zero: hex(Buffer.alloc(32)), max: hex(Buffer.alloc(32, 255)) }[edge] ?? seed.hex(32);
  const signed = type.startsWith("int");
  const bits = BigInt(type.replace(/^u?int/, ""));
  if (edge === "zero") return signed ? (-(1n << (bits - 1n))).toString() : "0";
  if (edge === "max") return ((1n << (signed ? bits - 1n : bits)) - 1n).toString();
  const random = BigInt(seed.hex(Number(bits) / 8)) >> BigInt(seed.below(Number(bits)));
  return (signed ? random - (1n << (bits - 1n)) : random).toString();
}

const numbers = (value) => Array.isArray(value) ? value.map(numbers) : typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name, numbers(field)])) : /^-?\d+$/.test(value) ? BigInt(value) : value;

function typedData() {
  const seed = new Seed("typed data");
  const cases = structs.flatMap((text) => ["zero", "max", "one", "two", "three"].map((edge) => {
    const types = parseType(text);
    const primaryType = text.split("(")[0];
    const domain = { name: "SoNang", version: "1", chainId: edge === "max" ? 2 ** 32 : 31337, verifyingContract: seed.hex(20) };
    const message = valueOf(primaryType, types, seed, edge);
    const data = numbers(message);
    return {
      type: text, primaryType, chainId: domain.chainId, verifyingContract: domain.verifyingContract, message,
      structHash: hashStruct({ data, primaryType, types }),
      digest: hashTypedData({ domain, types, primaryType, message: data }),
    };
  }));
  return { madeBy: "viem", mail: mail(), cases };
}

// The example of EIP-712 itself.
function mail() {
  const types = { Person: [{ name: "name", type: "string" }, { name: "wallet", type: "address" }], Mail: [{ name: "from", type: "Person" }, { name: "to", type: "Person" }, { name: "contents", type: "string" }] };
  const domain = { name: "Ether Mail", version: "1", chainId: 1, verifyingContract: "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC" };
  const message = { from: { name: "Cow", wallet: "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826" }, to: { name: "Bob", wallet: "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB" }, contents: "Hello, Bob!" };
  const EIP712Domain = [{ name: "name", type: "string" }, { name: "version", type: "string" }, { name: "chainId", type: "uint256" }, { name: "verifyingContract", type: "address" }];
  return { domain: hashDomain({ domain: { ...domain, chainId: 1n }, types: { EIP712Domain } }), digest: hashTypedData({ domain, types, primaryType: "Mail", message }) };
}

// ---- leaves and salts ----
const trees = Object.fromEntries([...page.matchAll(/^\| (readings|orders|fills|positions|terms) \| `([^`]+)`/gm)].map(([, tree, fields]) => [tree, fields]));

function leaves() {
  const seed = new Seed("leaves");
  const cases = Object.entries(trees).flatMap(([tree, fields]) => ["zero", "max", "one", "two", "three"].map((edge) => {
    const parameters = parseAbiParameters(fields);
    const values = parameters.map(({ type }) => valueOf(type, {}, seed, edge));
    const encoded = encodeAbiParameters(parameters, values.map((value, place) => parameters[place].type === "string" ? value : numbers(value)));
    return { tree, fields, values, leaf: keccak256(keccak256(encoded)) };
  }));
  return { madeBy: "viem", cases };
}

function salts() {
  const seed = new Seed("salts");
  const hmac = (key, ...parts) => hex(createHmac("sha256", Buffer.from(hexToBytes(key))).update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest());
  const bytes = (text) => Buffer.from(hexToBytes(text));
  return { madeBy: "node:crypto", cases: Array.from({ length: 4 }, () => {
    const given = { partyKey: seed.hex(32), id: seed.hex(32), orderDigest: seed.hex(32), time: String(seed.below(2 ** 40)), run: seed.below(2 ** 32), side: seed.below(2), path: `giá.${seed.below(100)}` };
    const time = number(given.time, 8);
    const profile = hmac(given.partyKey, "profile", bytes(given.id), time);
    return { ...given, salts: {
      profile, reading: keccak256(concat([profile, hex(time)])),
      fill: hmac(given.partyKey, "fill", bytes(given.id), time, bytes(given.orderDigest), [given.side]),
      position: hmac(given.partyKey, "position", bytes(given.id), time, number(given.run, 4)),
      term: hmac(given.partyKey, "term", bytes(given.id), given.path),
    } };
  }) };
}

// ---- trees ----
function merkle() {
  const seed = new Seed("merkle");
  const simple = [1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 33].map((count) => {
    const given = Array.from({ length: count }, () => seed.hex(32));
    const tree = SimpleMerkleTree.of(given);
    return { leaves: given, root: tree.root, proofs: given.map((leaf) => tree.getProof(leaf)) };
  });
  const fields = trees.readings.split(", ").map((field) => field.split(" ")[0]);
  const rows = Array.from({ length: 48 }, () => fields.map((type) => valueOf(type, {}, seed, "any")));
  const standard = StandardMerkleTree.of(rows, fields);
  return { madeBy: "@openzeppelin/merkle-tree", simple, readings: { rows, root: standard.root, proofs: rows.map((_, place) => standard.getProof(place)) } };
}

function log() {
  const entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map((text) => Buffer.from(text, "hex"));
  const split = (count) => 2 ** Math.floor(Math.log2(count - 1));
  const root = (list) => list.length === 0 ? sha256() : list.length === 1 ? sha256([0], list[0]) : sha256([1], root(list.slice(0, split(list.length))), root(list.slice(split(list.length))));
  const path = (m, list) => { // RFC 6962, 2.1.1
    if (list.length === 1) return [];
    const k = split(list.length);
    return m < k ? [...path(m, list.slice(0, k)), root(list.slice(k))] : [...path(m - k, list.slice(k)), root(list.slice(0, k))];
  };
  const sub = (m, list, whole) => { // RFC 6962, 2.1.2
    if (m === list.length) return whole ? [] : [root(list)];
    const k = split(list.length);
    return m <= k ? [...sub(m, list.slice(0, k), whole), root(list.slice(k))] : [...sub(m - k, list.slice(k), false), root(list.slice(0, k))];
  };
  const sizes = entries.map((_, place) => place + 1);
  return {
    madeBy: "the definitions of RFC 6962 over node:crypto", entries: entries.map(hex), roots: [0, ...sizes].map((size) => hex(root(entries.slice(0, size)))),
    inclusion: sizes.flatMap((size) => sizes.slice(0, size).map((_, index) => ({ size, index, proof: path(index, entries.slice(0, size)).map(hex) }))),
    consistency: sizes.flatMap((size) => sizes.slice(0, size).map((old) => ({ old, size, proof: sub(old, entries.slice(0, size), true).map(hex) }))),
  };
}

// ---- signatures ----
const RSA = readFileSync(new URL("rsa_test_key.pem", import.meta.url)); // a key for tests, nothing else is signed with it

async function signers() {
  const seed = new Seed("signers");
  const phone = new Seed("passkeys");
  const verifiers = { p256: seed.hex(20), rsa: seed.hex(20), webauthn: phone.hex(20) };
  const rsa = createPrivateKey(RSA);
  const { n } = createPublicKey(rsa).export({ format: "jwk" });
  const rsaKey = encodeAbiParameters(parseAbiParameters("bytes, bytes"), ["0x010001", hex(Buffer.from(n, "base64url"))]);
  const cases = [];
  for (let place = 0; place < 4; place++) {
    const digest = seed.hex(32);
    const wallet = privateKeyToAccount(seed.hex(32));
    const signature = await wallet.sign({ hash: digest });
    if ((await recoverAddress({ hash: digest, signature })) !== wallet.address) throw new Error("viem disagrees with itself");
    cases.push({ kind: "eoa", digest, signer: wallet.address.toLowerCase(), signature });
    const secret = seed.bytes(32);
    const point = p256.getPublicKey(secret, false).subarray(1);
    const made = p256.sign(hexToBytes(digest), secret, { lowS: true, prehash: false });
    cases.push({ kind: "p256", digest, signer: concat([verifiers.p256, hex(point)]), signature: hex(made.toCompactRawBytes()) });
    cases.push({ kind: "rsa", digest, signer: concat([verifiers.rsa, rsaKey]), signature: hex(sign("sha256", hexToBytes(digest), rsa)) });
    cases.push({ kind: "webauthn", digest, ...passkey(phone, digest, verifiers.webauthn, place) });
  }
  return { madeBy: "viem, @noble/curves and node:crypto", verifiers, cases };
}

// An assertion as a browser has it signed; members of the client data before and behind those that are checked move the indices.
function passkey(phone, digest, verifier, place) {
  const secret = phone.bytes(32);
  const challenge = Buffer.from(hexToBytes(digest)).toString("base64url");
  const other = place % 2 ? `"origin":"https://điện-lực.example","crossOrigin":false,` : "";
  const clientData = `{${other}"type":"webauthn.get","challenge":"${challenge}","other_keys_can_be_added_here":"${"☀".repeat(place * 7)}"}`;
  const flags = [0x05, 0x0d, 0x1d, 0x85][place]; // present and verified; may be backed up; is; with extensions
  const data = Buffer.concat([sha256("example"), Buffer.from([flags]), number(place, 4), phone.bytes(flags & 0x80 ? 30 : 0)]);
  const made = p256.sign(sha256(data, sha256(clientData)), secret, { lowS: true, prehash: false });
  const signature = encodeAbiParameters(parseAbiParameters("uint256, uint256, uint256, uint256, bytes, string"), [
    made.r, made.s, BigInt(Buffer.from(clientData).indexOf('"challenge":"')), BigInt(Buffer.from(clientData).indexOf('"type":"')), hex(data), clientData,
  ]);
  return { signer: concat([verifier, hex(p256.getPublicKey(secret, false).subarray(1))]), signature };
}

// ---- canonical JSON ----
function canonical() {
  const sorted = (value) => Array.isArray(value) ? value.map(sorted) : value && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name.normalize("NFC"), sorted(field)]).sort(([a], [b]) => (a < b ? -1 : 1)))
    : typeof value === "string" ? value.normalize("NFC") : value;
  const values = [
    null, true, false, 0, -1, 9007199254740991, -9007199254740991, "", [], {}, [[]], { a: {} },
    { b: 1, a: 2, "": 3 }, { "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "not in NFC", z: "One", "\ud83d\ude00": "Emoji", "\u0080": "Control", "\u00f6": "o" },
    "\u0000\u0001\b\t\n\f\r\u001f\u007f\u2028\u2029\"\\/<script>", "Hợp đồng mua bán điện", "He\u0302\u0323", { "e\u0301": [1, "e\u0301", { y: null, x: false }] },
  ];
  return { madeBy: "JSON.stringify over sorted members", cases: values.map((value) => ({ value, canonical: hex(Buffer.from(JSON.stringify(sorted(value)))) })) };
}

const files = { typed_data: typedData(), leaves: leaves(), salts: salts(), merkle: merkle(), log: log(), signers: await signers(), canonical: canonical() };
const stale = [];
for (const [name, content] of Object.entries(files)) {
  const path = new URL(`${name}.json`, import.meta.url);
  const text = JSON.stringify(content, null, 1) + "\n";
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, "utf8") !== text) stale.push(name);
}
if (stale.length) { console.error(`stale: ${stale.join(", ")}`); process.exit(1); }
