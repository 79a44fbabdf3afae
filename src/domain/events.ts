import { z } from 'zod';
import { Alert, Severity } from './alert.js';
import { DecisionStatement, NO_SEAL, Person, Seal, Verdict, Vote } from './decision.js';
import { Diagnosis, Evidence, StruckQuote } from './diagnosis.js';
import { Expectation, Proposal, RepairAction } from './proposal.js';

const Digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Tokens and money of one model turn; zero for the playbook. `systemFingerprint` as the server gave it. */
export const Usage = z.strictObject({
  inputTokens: z.number().int().min(0),
  outputTokens: z.number().int().min(0),
  costUsd: z.number().min(0),
  model: z.string(),
  systemFingerprint: z.string().optional(),
});
export type Usage = z.infer<typeof Usage>;

const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ type: z.literal(type), data: z.strictObject(shape) });

/** Everything that can happen. An event that is not listed here can not be written. */
export const EventBody = z.discriminatedUnion('type', [
  // intake
  event('incident.opened', {
    alert: Alert,
    title: z.string().max(300),
    severity: Severity,
    /** The DAG or dataset at the root, where lineage gave one; storms fold by it. */
    root: z.string().optional(),
    pipeline: z.string().optional(),
    owner: z.string().optional(),
    /** What could not be matched to the inventory, said plainly. */
    unknown: z.array(z.string()).default([]),
    openedBy: z.string(),
  }),
  event('alert.joined', { alert: Alert, because: z.enum(['same_fingerprint', 'same_root', 'downstream_of_root']) }),
  event('alert.resolved', { alert: Alert }),
  // investigate
  event('investigation.started', {
    attempt: z.number().int().min(1),
    reasoner: z.string(),
    model: z.string(),
    promptVersion: z.string(),
    promptDigest: Digest,
    toolsDigest: Digest,
    maxToolCalls: z.number().int(),
    confidenceThreshold: z.number(),
  }),
  event('reasoner.changed', {
    from: z.string(),
    to: z.string(),
    because: z.string(),
    /** The follow-up question that was worked on; unset in the investigation itself. */
    question: z.string().optional(),
  }),
  event('tool.called', {
    callId: z.string(),
    /** 1-based count against the budget. */
    call: z.number().int().min(1),
    /** The follow-up question this call is made for; unset in the investigation itself. */
    question: z.string().optional(),
    tool: z.string(),
    args: z.record(z.string(), z.unknown()),
    thought: z.string(),
    hypothesis: z.string(),
    confidence: z.number().min(0).max(1),
    usage: Usage.optional(),
  }),
  event('tool.answered', {
    callId: z.string(),
    status: z.enum(['ok', 'no_data', 'error']),
    /** Content address of the stored observation: SHA-256 of exactly the text the model saw. */
    observation: Digest,
    bytes: z.number().int(),
    truncated: z.boolean(),
    redactions: z.number().int(),
    flags: z.array(z.enum(['injection_suspected'])).default([]),
    durationMs: z.number().min(0),
    /** First line, for the folded trace. */
    headline: z.string().max(300),
    /** Content address of the canonical JSON of the step a propose tool drafted, so that a restarted worker still has it. */
    draft: Digest.optional(),
  }),
  event('diagnosis.made', { diagnosis: Diagnosis, usage: Usage.optional(), toolCalls: z.number().int() }),
  event('proposal.made', { proposal: Proposal, digest: Digest }),
  event('incident.escalated', { reason: z.string(), to: z.string(), partial: z.boolean() }),
  event('incident.closed', { reason: z.string() }),
  // approve
  event('vote.cast', {
    digest: Digest,
    vote: Vote,
    missing: z.number().int(),
    /** By the web role, over the vote and what it is for (see sealed-statement.ts). Without a good one it is nobody's vote. */
    seal: Seal.default(NO_SEAL),
  }),
  event('click.refused', { by: Person, verdict: Verdict, reason: z.string() }),
  event('proposal.modified', {
    fromDigest: Digest,
    proposal: Proposal,
    digest: Digest,
    by: Person,
    diff: z.string().max(8000),
  }),
  event('proposal.expired', { digest: Digest, because: z.string() }),
  event('decision.recorded', { statement: DecisionStatement, seal: Seal }),
  // repair
  event('repair.started', {
    decisionId: z.string(),
    digest: Digest,
    fence: z.number().int().min(1),
    /** Size of the signed checkpoint that covers the decision. */
    sealedAt: z.number().int(),
  }),
  event('repair.stepped', {
    decisionId: z.string(),
    fence: z.number().int(),
    step: z.number().int().min(0),
    phase: z.enum(['started', 'applied', 'already_applied', 'failed', 'unknown']),
    action: RepairAction.optional(),
    idempotencyKey: z.string(),
    /** Our own words about what the target answered. */
    detail: z.string().max(1000),
  }),
  event('repair.finished', {
    decisionId: z.string(),
    fence: z.number().int(),
    outcome: z.enum(['succeeded', 'failed', 'unknown']),
    detail: z.string().max(1000),
  }),
  event('repair.refused', { decisionId: z.string(), digest: Digest, because: z.string(), moved: z.array(z.string()) }),
  event('verification.checked', {
    decisionId: z.string(),
    round: z.number().int(),
    results: z.array(z.strictObject({ check: Expectation, met: z.boolean(), observed: z.string() })),
  }),
  event('incident.resolved', { minutes: z.number(), by: z.string(), verified: z.array(z.string()) }),
  event('incident.reopened', { failed: z.array(z.string()) }),
  // people
  event('note.added', { by: Person, text: z.string().max(4000) }),
  event('question.asked', {
    questionId: z.string(),
    by: Person,
    text: z.string().min(1).max(2000),
    /** Tool calls this person grants beyond what the investigation left over. */
    grant: z.number().int().min(0).max(12),
  }),
  event('question.answered', {
    questionId: z.string(),
    outcome: z.enum(['answered', 'no_budget', 'failed']),
    text: z.string().max(6000),
    /** Quotes that stand in a stored observation byte for byte. */
    evidence: z.array(Evidence).max(20),
    struck: z.array(StruckQuote).max(20),
    toolCalls: z.number().int().min(0),
    usage: Usage.optional(),
  }),
  // system subject
  event('system.started', { role: z.string(), version: z.string(), config: z.record(z.string(), z.string()) }),
  event('policy.loaded', { digest: Digest, by: z.string() }),
  /** Who is in the chat's user groups that the policy names, whenever that changed. Addresses, sorted. */
  event('directory.loaded', {
    source: z.enum(['slack', 'teams']),
    groups: z.record(z.string().max(100), z.array(z.string().max(250))),
    /** By the web role, over the groups and this entry's position in its subject. Without a good one it says nothing. */
    seal: Seal.default(NO_SEAL),
  }),
  event('log.epoch', { previousSize: z.number().int(), previousRoot: z.string(), because: z.string() }),
]);
export type EventBody = z.infer<typeof EventBody>;
export type EventType = EventBody['type'];
export type EventOf<T extends EventType> = Extract<EventBody, { type: T }>;

/** Who wrote the entry: the process role, and through it the person or agent. */
export const Actor = z.strictObject({ kind: z.enum(['person', 'agent', 'system']), id: z.string(), role: z.string() });
export type Actor = z.infer<typeof Actor>;

const Envelope = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  at: z.iso.datetime(),
  /** The incident id, a draft id, or `system`. */
  subject: z.string(),
  /** 1-based position within the subject. */
  n: z.number().int().min(1),
  actor: Actor,
  causationId: z.string().optional(),
});
/** One entry of the log as parsed from its stored bytes. */
export type Entry = z.infer<typeof Envelope> & EventBody;
/** What a caller hands to `append`; envelope fields are filled by the log. */
export type NewEvent = EventBody & { actor: Actor; causationId?: string; at?: string };

/** Parses stored bytes. @throws ZodError when they are not an entry this version knows. */
export function parseEntry(bytes: string): Entry {
  return checkEntry(JSON.parse(bytes));
}

/** An entry whose JSON is parsed already. @throws ZodError as `parseEntry` does. */
export function checkEntry(raw: Record<string, unknown>): Entry {
  const { type, data, ...envelope } = raw;
  return { ...Envelope.parse(envelope), ...EventBody.parse({ type, data }) } as Entry;
}
