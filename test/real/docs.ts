import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContractResult } from '../contract/contract.js';
import { SYSTEMS } from './catalogue.js';
import { packageRoot } from './place.js';
import { contractResults, runOf } from './results.js';

const BEGIN = '<!-- written by: npm run real -- docs -->';
const END = '<!-- end -->';

/** Systems whose adapters were never held against a server, with the reason. */
const WITHOUT_SERVER: readonly (readonly [title: string, truth: string, why: string])[] = [
  ['Kyuubi', 'recorded', 'answers as its source describes them; its server is in no registry we can use'],
  ['Confluent Schema Registry', 'recorded', 'answers as documented; Apicurio speaks the same API'],
  ['Azure Data Lake (DFS endpoint), Entra ID', 'none', 'the blob endpoint only, with keys and SAS, on Azurite'],
  ['PagerDuty', 'recorded', 'webhooks as documented'],
  ['Spark operator, kubelet', 'fake', 'restarts and pod logs; the API server itself is real'],
];

/** Replaces the table in docs/platform.md by one made of the systems there are and of the results the suites left. */
export async function writePlatformTable(): Promise<void> {
  const file = join(packageRoot(), 'docs/platform.md');
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/platform.md has no lines "${BEGIN}" and "${END}".`);
  writeFileSync(file, `${text.slice(0, from + BEGIN.length)}\n${platformTable(contractResults())}\n${text.slice(to)}`);
}

/** One row a system: which versions were held to how many expectations, beside what the simulator was held to. */
export function platformTable(results: readonly ContractResult[]): string {
  const rows = SYSTEMS.map(({ name, title, truth, ci }) => {
    const own = results.filter(({ against }) => against === name || against.startsWith(`${name}:`));
    const run = runOf(name);
    return [
      title,
      truth,
      [...new Set(own.map(({ version }) => version))].join(', ') || run?.version || 'not run yet',
      own.map(({ against, expected, held }) => `${held} of ${expected}${variantOf(against)}`).join(', ') || '–',
      [...new Set(own.map(({ system }) => simulatorOf(results, system)))].join(', ') || '–',
      run === undefined ? '–' : `${run.passed}${run.failed > 0 ? `, ${run.failed} failed` : ''}`,
      ci ? 'every change' : 'on demand',
    ];
  });
  const head = [
    'System',
    'Server',
    'Versions tested',
    'Expectations held',
    'The same list, simulated',
    'All tests',
    'When',
  ];
  const others = WITHOUT_SERVER.map(([title, truth, why]) => [title, truth, why, '–', '–', '–', '–']);
  return [head, head.map(() => '---'), ...rows, ...others].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function variantOf(against: string): string {
  const variant = against.split(':')[1];
  return variant === undefined ? '' : ` (${variant})`;
}

function simulatorOf(results: readonly ContractResult[], contract: string): string {
  const found = results.find(({ system, against }) => system === contract && against === 'simulator');
  return found === undefined ? '–' : `${found.held} of ${found.expected}`;
}
