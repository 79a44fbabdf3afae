import { canonicalJson, sha256Hex } from '../domain/canonical.js';
import type { Click, ClickAnswer } from '../domain/decision.js';
import type { Actor } from '../domain/events.js';
import type { Incident, ProposalVersion } from '../domain/incident.js';
import type { Write } from '../domain/ledger.js';
import type { Lineage } from '../domain/lineage.js';
import type { Inventory } from '../domain/pipeline.js';
import type { Policy } from '../domain/policy.js';
import type { DecisionSigner, Job, StoredEntry } from '../domain/ports.js';
import { answerTo, type Written } from './answers.js';

/** Everything a rule may look at: one click against one state of the incident, at one instant. */
export interface Situation {
  click: Click;
  /** Names this gesture: the same one delivered again has the same name, one with other words has not. */
  gesture: string;
  incident: Incident;
  stored: readonly StoredEntry[];
  /** The version that can be decided on. */
  live: ProposalVersion;
  policy: Policy;
  policyDigest: string;
  inventory: Inventory;
  /** What is built from what; asked for only by the clicks that need it. */
  lineage: () => Lineage;
  signer: DecisionSigner;
  now: Date;
  /** The click's words as they may be stored. */
  cleanWords: string;
}

/** A rule answers, and says what to write; undefined when it has nothing to say. */
export type Rule = (situation: Situation) => Write<ClickAnswer> | undefined;

/**
 * The whole click is hashed, not the platform's id alone: a form that comes back filled in is a new gesture although some
 * platforms keep the id, and nobody can use up somebody else's id.
 */
export function gestureOf(click: Click): string {
  const { incident, shownDigest, verdict, by, words, values, clickId } = click;
  return `click-${sha256Hex(canonicalJson({ incident, shownDigest, verdict, by, words, values, clickId })).slice(0, 40)}`;
}

/** An answer that writes nothing. */
export function say(answer: ClickAnswer): Write<ClickAnswer> {
  return { events: [], result: answer };
}

/** What is written, in the name of the person who clicked, together with the answer that follows from it. */
export function write(situation: Situation, body: Written, jobs: Job[] = []): Write<ClickAnswer> {
  const { click, gesture, now } = situation;
  const at = now.toISOString();
  const actor: Actor = { kind: 'person', id: click.by.id, role: 'web' };
  return { events: [{ ...body, actor, causationId: gesture, at }], jobs, result: answerTo(body, at) };
}

/** The form has to be filled in better; by field name. */
export function invalid(text: string, fields: Record<string, string>): Write<ClickAnswer> {
  return say({ outcome: 'invalid', text: `Not counted yet. ${text}`, fields });
}
