import { parseArgs } from 'node:util';
import { benchAgent } from './agent.js';
import { benchDeliver } from './deliver.js';
import { benchDrafting } from './drafting.js';
import { benchGate } from './gate.js';
import { benchIntake } from './intake.js';
import { benchLog } from './log.js';
import { benchSandbox } from './sandbox.js';
import { benchStack } from './stack.js';

/** Each part measures us beside the bare library in the same run; figures are this machine's and of this moment. */
const PARTS: Record<string, () => Promise<unknown>> = {
  log: benchLog,
  intake: benchIntake,
  agent: () => benchAgent(),
  gate: () => benchGate(),
  deliver: benchDeliver,
  sandbox: benchSandbox,
  stack: () => benchStack(),
  drafting: benchDrafting,
};

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.filter((part) => !(part in PARTS));
if (unknown.length > 0) {
  process.stderr.write(`No such part: ${unknown.join(', ')}. There are ${Object.keys(PARTS).join(', ')}.\n`);
  process.exit(2);
}
const results: Record<string, unknown> = { node: process.version, at: new Date().toISOString() };
for (const part of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  if (!values.json) process.stdout.write(`measuring ${part}…\n`);
  results[part] = await PARTS[part]?.();
}
process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
process.exit(0);
