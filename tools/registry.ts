import { z } from 'zod';
import { digestOf } from '../src/domain/canonical.js';
import { asAppError } from '../src/domain/errors.js';
import type { Inventory } from '../src/domain/pipeline.js';
import type { PlatformReaders } from '../src/domain/platform-ports.js';
import type { Policy } from '../src/domain/policy.js';
import type { Redactor } from '../src/domain/ports.js';
import type { DiagnoseTool, ProposeTool, ToolCatalog, ToolContext, ToolOutcome } from '../src/domain/tool.js';
import { airflowDagStatus } from './diagnose/airflow-dag-status.js';
import { deltaHistory } from './diagnose/delta-history.js';
import { gitBlame } from './diagnose/git-blame.js';
import { kyuubiQueryPlan } from './diagnose/kyuubi-query-plan.js';
import { metricQuery } from './diagnose/metric-query.js';
import { schemaRegistryDiff } from './diagnose/schema-registry-diff.js';
import { sparkJobLogs } from './diagnose/spark-job-logs.js';
import { errorOutcome, outcomeOf, refusalOutcome, stepOutcome } from './outcome.js';
import { proposeConfigRollback } from './propose/propose-config-rollback.js';
import { proposeDagRetry } from './propose/propose-dag-retry.js';
import { proposeResourceIncrease } from './propose/propose-resource-increase.js';
import { proposeSchemaEvolution } from './propose/propose-schema-evolution.js';

const TIMEOUT_MS = 20_000;

/** A tool with its argument type closed over, so that one list can hold them all. */
interface Entry {
  name: string;
  version: string;
  kind: 'diagnose' | 'propose';
  description: string;
  args: z.ZodObject;
  readOnly: true;
  run(args: unknown, context: ToolContext, redactor: Redactor, scope: string): Promise<ToolOutcome>;
}

function diagnose<A extends z.ZodObject>(tool: DiagnoseTool<A>): Entry {
  const { name, version, description, args, readOnly } = tool;
  return {
    name,
    version,
    kind: 'diagnose',
    description,
    args,
    readOnly,
    run: async (given, context, redactor, scope) =>
      outcomeOf(await tool.run(args.parse(given), context), redactor, scope),
  };
}

function propose<A extends z.ZodObject>(tool: ProposeTool<A>): Entry {
  const { name, version, description, args, readOnly } = tool;
  return {
    name,
    version,
    kind: 'propose',
    description,
    args,
    readOnly,
    run: async (given, context, redactor, scope) => {
      const drafted = await tool.draft(args.parse(given), context);
      return 'step' in drafted
        ? stepOutcome(drafted.step, redactor, scope)
        : refusalOutcome(drafted.refused, redactor, scope);
    },
  };
}

/** All that the agent can do. A tool that is not here does not exist; tools.lock.json pins names, texts and schemas. */
const TOOLS: readonly Entry[] = Object.freeze([
  diagnose(airflowDagStatus),
  diagnose(sparkJobLogs),
  diagnose(deltaHistory),
  diagnose(kyuubiQueryPlan),
  diagnose(schemaRegistryDiff),
  diagnose(gitBlame),
  diagnose(metricQuery),
  propose(proposeDagRetry),
  propose(proposeSchemaEvolution),
  propose(proposeConfigRollback),
  propose(proposeResourceIncrease),
]);

export interface ToolManifest {
  tools: {
    name: string;
    version: string;
    kind: 'diagnose' | 'propose';
    readOnly: true;
    description: string;
    schema: unknown;
  }[];
}

/** What tools.lock.json holds: everything about the tools that a model reads. */
export function toolManifest(): ToolManifest {
  return {
    tools: TOOLS.map(({ name, version, kind, readOnly, description, args }) => ({
      name,
      version,
      kind,
      readOnly,
      description,
      schema: z.toJSONSchema(args),
    })),
  };
}

/** The hash that the log records with each investigation. */
export function manifestDigest(): string {
  return digestOf(toolManifest());
}

export interface ToolCatalogDeps {
  readers: PlatformReaders;
  inventory: Inventory;
  policy: Policy;
  redactor: Redactor;
  /** Redaction tokens are stable within it: the incident's id. */
  scope: string;
  now: () => Date;
  /** One call's time, in milliseconds; default 20 s. */
  timeoutMs?: number;
}

/** The agent's only door to the platform: everything that comes through is checked, bounded and redacted, and nothing throws. */
export function createToolCatalog(deps: ToolCatalogDeps): ToolCatalog {
  const { readers, inventory, policy, redactor, scope, now } = deps;
  const timeoutMs = deps.timeoutMs ?? TIMEOUT_MS;
  return {
    digest: manifestDigest(),
    tools: TOOLS.map(({ name, kind, description, args }) => ({ name, kind, description, args })),
    async call(name, args, signal) {
      const tool = TOOLS.find((entry) => entry.name === name);
      if (!tool)
        return errorOutcome(`There is no such tool. There are: ${TOOLS.map((entry) => entry.name).join(', ')}.`);
      const checked = tool.args.safeParse(args);
      if (!checked.success) return errorOutcome(argumentFault(tool, checked.error));
      const timeout = AbortSignal.timeout(timeoutMs);
      const both = AbortSignal.any([signal, timeout]);
      try {
        const context: ToolContext = { readers, inventory, policy, now, signal: both };
        return await Promise.race([tool.run(checked.data, context, redactor, scope), aborted(both)]);
      } catch (thrown) {
        if (signal.aborted) return errorOutcome(`${name} was stopped before it answered.`);
        if (timeout.aborted)
          return errorOutcome(`${name} did not answer within ${Math.round(timeoutMs / 1000)} seconds.`);
        return errorOutcome(asAppError(thrown).safeText);
      }
    },
  };
}

/** Rejects when the signal does: a reader that ignores its signal must not hold the agent. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new DOMException('The call was aborted.', 'AbortError'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** Names each field at fault and what it must be; never repeats a value. */
function argumentFault(tool: Entry, error: z.ZodError): string {
  const faults = error.issues.slice(0, 5).map((issue) => {
    if (issue.code === 'unrecognized_keys')
      return `unknown argument ${issue.keys
        .slice(0, 3)
        .map((key) => key.slice(0, 40))
        .join(', ')}`;
    return `${issue.path.join('.') || '(arguments)'}: ${issue.message}`;
  });
  return `${tool.name} was not run; wrong arguments: ${faults.join('; ')}. Arguments: ${Object.keys(tool.args.shape).join(', ')}.`;
}
