import type { SubjectVersion } from '../../src/domain/platform-ports.js';
import type { Expectation, ProposalStep, SchemaEvolution } from '../../src/domain/proposal.js';
import { schemaAfter, schemaTitle } from '../../src/domain/step-text.js';
import type { ToolContext } from '../../src/domain/tool.js';
import { protectedFault, type Refusal, stillHolds } from './drafting.js';

/** Registers an earlier schema again as the newest of its subject. */
export async function draftReaderSchema(
  asked: SchemaEvolution,
  context: ToolContext,
): Promise<{ step: ProposalStep } | Refusal> {
  const { readers, inventory, policy, signal } = context;
  const plain = asked.table.replace(/^registry:/, '');
  const names = [plain, plain.endsWith('-value') ? plain.slice(0, -6) : `${plain}-value`];
  for (const subject of names) {
    const versions = await readers.registry.versions(subject, signal);
    const latest = versions?.[0];
    if (!versions || !latest) continue;
    const fault = protectedFault(policy, [subject, `registry:${subject}`]) ?? versionFault(asked, subject, versions);
    if (fault !== undefined) return { refused: fault };
    const accepted = await readers.registry.accepts(subject, Number(asked.arg['version']), signal);
    if (accepted === false) return { refused: await rule(asked, subject, context) };
    const feeds = inventory.pipelines.filter((pipeline) => pipeline.sources.some((source) => names.includes(source)));
    if (feeds.length === 0)
      return { refused: `No pipeline of the inventory reads ${subject}: who depends on it is not known.` };
    const action = { ...asked, table: subject };
    return {
      step: stepOf(
        action,
        latest.version,
        accepted,
        feeds.flatMap(({ tasks }) => tasks.filter(({ after }) => after.length === 0).flatMap(({ writes }) => writes)),
      ),
    };
  }
  return { refused: `The schema registry knows neither ${names.join(' nor ')}.` };
}

async function rule(asked: SchemaEvolution, subject: string, { readers, signal }: ToolContext): Promise<string> {
  const level = (await readers.registry.compatibility(subject, signal)) ?? 'its compatibility rule';
  return `The schema registry does not allow version ${asked.arg['version']} of ${subject} as the newest (${level}): readers of the newest version could not read with it what was written, or the other way round.`;
}

function versionFault(
  asked: SchemaEvolution,
  subject: string,
  versions: readonly SubjectVersion[],
): string | undefined {
  const wanted = versions.find(({ version }) => version === asked.arg['version']);
  const known = versions.map(({ version }) => version).join(', ');
  if (!wanted) return `${subject} has no version ${asked.arg['version']}; it has ${known}.`;
  if (wanted === versions[0]) return `Version ${wanted.version} is the newest of ${subject} already.`;
  if (wanted.unread !== undefined)
    return `Version ${wanted.version} of ${subject} is too large to be registered from here.`;
  return wanted.schema === versions[0]?.schema && sameReferences(wanted, versions[0])
    ? `The newest schema of ${subject} is that of version ${wanted.version} already.`
    : undefined;
}

function sameReferences(one: SubjectVersion, other: SubjectVersion): boolean {
  return JSON.stringify(one.references ?? []) === JSON.stringify(other.references ?? []);
}

function stepOf(
  action: SchemaEvolution,
  latest: number,
  accepted: boolean | undefined,
  touches: readonly string[],
): ProposalStep {
  const newer: Expectation = {
    fact: 'registry.latest',
    target: action.table,
    op: 'at_least',
    value: String(latest + 1),
    text: `${action.table} has a version after ${latest}`,
    withinSeconds: 120,
  };
  return {
    action,
    title: schemaTitle(action),
    before: `newest schema: version ${latest}`,
    after: schemaAfter(action),
    effects: [
      'Producers that use the newest schema write the earlier one from now on.',
      accepted
        ? 'The registry was asked, and its compatibility rule allows the step back.'
        : 'The registry refuses it when its compatibility rule does not allow the step back.',
      'What was written with the newest schema stays as it is.',
    ],
    idempotency: 'idempotent',
    restorePoint: `${action.table} version ${latest}`,
    touches: [...new Set(touches)].sort().slice(0, 50),
    preconditions: [
      stillHolds('registry.latest', action.table, String(latest), `Version ${latest} is the newest of ${action.table}`),
    ],
    verification: [newer],
  };
}
