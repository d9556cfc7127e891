// Records a block of anvil with the account and storage proofs of two contracts: what `ledger.protocol.chain_proof` must open.
//   node tests/vectors/record_chain.mjs
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { keccak256, pad, toHex, toRlp } from "viem";

const port = 20000 + (process.pid % 20000);
const node = spawn(new URL("../../node_modules/.bin/anvil", import.meta.url).pathname, ["--port", String(port), "--silent", "--hardfork", "osaka", "--timestamp", "1750000000"]);
const ask = async (method, ...params) => {
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) });
  const { result, error } = await answer.json();
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
};

try {
  for (let left = 100; left; left--) {
    try { await ask("eth_chainId"); break; } catch { await new Promise((done) => setTimeout(done, 50)); }
  }
  const [full, empty] = ["0x" + "5a".repeat(20), "0x" + "6b".repeat(20)];
  await ask("anvil_setCode", full, "0x6000");
  await ask("anvil_setCode", empty, "0x6001");
  for (let slot = 0; slot < 64; slot++) await ask("anvil_setStorageAt", full, toHex(slot), pad(toHex(BigInt(slot + 1) ** BigInt(slot % 40)), { size: 32 }));
  await ask("evm_setNextBlockTimestamp", toHex(1750000100));
  await ask("evm_mine");
  const block = await ask("eth_getBlockByNumber", "latest", false);
  const quantity = (value) => (BigInt(value) === 0n ? "0x" : toHex(BigInt(value)));
  const header = toRlp([
    block.parentHash, block.sha3Uncles, block.miner, block.stateRoot, block.transactionsRoot, block.receiptsRoot, block.logsBloom, quantity(block.difficulty),
    quantity(block.number), quantity(block.gasLimit), quantity(block.gasUsed), quantity(block.timestamp), block.extraData, block.mixHash, block.nonce,
    quantity(block.baseFeePerGas), block.withdrawalsRoot, quantity(block.blobGasUsed), quantity(block.excessBlobGas), block.parentBeaconBlockRoot, block.requestsHash,
  ]);
  if (keccak256(header) !== block.hash) throw new Error("the header does not have the block's hash");
  const slots = [0, 1, 17, 39, 63, 64, 1000].map((slot) => pad(toHex(slot), { size: 32 }));
  const proofs = [await ask("eth_getProof", full, slots, "latest"), await ask("eth_getProof", empty, slots.slice(0, 1), "latest"), await ask("eth_getProof", "0x" + "7c".repeat(20), [], "latest")];
  const recorded = {
    madeBy: "anvil and viem", blockHash: block.hash, header, stateRoot: block.stateRoot, number: Number(block.number), timestamp: Number(block.timestamp),
    accounts: proofs.map(({ address, accountProof, storageHash, codeHash, storageProof }) => ({ address, accountProof, storageHash, codeHash, storage: storageProof.map(({ key, value, proof }) => ({ slot: key, value, proof })) })),
  };
  writeFileSync(new URL("chain_proof.json", import.meta.url), JSON.stringify(recorded, null, 1) + "\n");
} finally {
  node.kill();
}
