import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { ContractResult } from '../contract/contract.js';
import { SYSTEMS } from './catalogue.js';
import { CASES } from './live/cases.js';
import { packageRoot, placeOf } from './place.js';
import { contractResults, runOf } from './results.js';

/** Both blocks of docs/platform.md that this command writes. */
const TABLE = ['<!-- written by: npm run real -- docs -->', '<!-- end of the table -->'] as const;
const LIVE = ['<!-- live failures, written by: npm run real -- docs -->', '<!-- end of the live failures -->'] as const;

/** Systems whose adapters were never held against a server, with the reason. */
const WITHOUT_SERVER: readonly (readonly [title: string, truth: string, why: string])[] = [
  ['Kyuubi', 'recorded', 'answers as its source describes them; its server is in no registry we can use'],
  ['Confluent Schema Registry', 'recorded', 'answers as documented; Apicurio speaks the same API'],
  ['Azure Data Lake (DFS endpoint), Entra ID', 'none', 'the blob endpoint only, with keys and SAS, on Azurite'],
  ['PagerDuty', 'recorded', 'webhooks as documented'],
  ['Spark operator, kubelet', 'fake', 'restarts and pod logs; the API server itself is real'],
];

/**
 * Writes the table of docs/platform.md out of the systems there are and of the results the suites left, and the threads of the live
 * failures beside it.
 */
export async function writePlatformDocs(): Promise<void> {
  const file = join(packageRoot(), 'docs/platform.md');
  const text = readFileSync(file, 'utf8');
  const tabled = withBlock(text, TABLE, platformTable(contractResults()));
  writeFileSync(file, withBlock(tabled, LIVE, keepThreads()));
}

function withBlock(text: string, [begin, end]: readonly [string, string], block: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/platform.md has no lines "${begin}" and "${end}".`);
  return `${text.slice(0, from + begin.length)}\n${block}\n${text.slice(to)}`;
}

/** Copies the threads into the documentation. @returns the list of them, each with what the real system said afterwards. */
function keepThreads(): string {
  const folder = join(packageRoot(), 'docs/incidents');
  mkdirSync(folder, { recursive: true });
  return CASES.map(({ name, title }) => {
    const thread = join(packageRoot(), 'var/live', `${name}.txt`);
    if (existsSync(thread)) writeFileSync(join(folder, `${name}.txt`), withoutPlace(readFileSync(thread, 'utf8')));
    const kept = readFileSync(join(folder, `${name}.txt`), 'utf8');
    const proof = kept.split('On the real system: ').at(-1)?.trim() ?? '';
    return `- [${title}](incidents/${name}.txt). ${proof}`;
  }).join('\n');
}

/** A reader needs neither the name of the machine nor where its files lay. */
function withoutPlace(text: string): string {
  return text
    .replaceAll(dirname(placeOf('lake').state), '~')
    .replaceAll(new RegExp(`\\b${hostname()}\\b`, 'g'), 'host');
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
