import { z } from 'zod';

/** Where a click came from; identity is resolved by the chat adapter, rights by policy at click time. */
export const Person = z.strictObject({
  /** Stable identity: an e-mail address or a named token's owner. */
  id: z.string().min(1).max(250),
  via: z.enum(['web', 'terminal', 'slack', 'teams']),
});
export type Person = z.infer<typeof Person>;

export const Verdict = z.enum(['approve', 'modify', 'reject']);
export type Verdict = z.infer<typeof Verdict>;

/** One person's approval. `check` is the independent check in the approver's own words. */
export const Vote = z.strictObject({
  by: Person,
  at: z.iso.datetime(),
  check: z.string().max(1000),
});
export type Vote = z.infer<typeof Vote>;

/** The bytes that are signed: the canonical JSON of this object. */
export const DecisionStatement = z.strictObject({
  v: z.literal(1),
  decisionId: z.string(),
  incident: z.string(),
  revision: z.number().int(),
  proposalDigest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Digest of all preconditions shown: what the approval rests on. */
  preconditionsDigest: z.string().regex(/^[0-9a-f]{64}$/),
  verdict: z.enum(['approve', 'reject']),
  votes: z.array(Vote).min(1),
  reason: z.string().max(1000).default(''),
  policyDigest: z.string(),
  decidedAt: z.iso.datetime(),
});
export type DecisionStatement = z.infer<typeof DecisionStatement>;

/** Ed25519 over the canonical statement, by the web role's key. */
export const Seal = z.strictObject({ keyId: z.string(), signature: z.base64() });
export type Seal = z.infer<typeof Seal>;

/** Of entries that are older than their seal: it is good under no key, so they count for nothing, and the log stays readable. */
export const NO_SEAL: Seal = { keyId: '', signature: '' };

export interface Click {
  incident: string;
  /** The digest printed on the card that was clicked; a stale card has a stale digest. */
  shownDigest: string;
  verdict: Verdict;
  by: Person;
  /** For approve: the independent check. For reject: the reason. */
  words: string;
  /** For modify: form values by field name, as the form in form.ts describes them. */
  values?: Record<string, string>;
  /** The platform's own id of this gesture; a second delivery gets the first answer. */
  clickId: string;
}

/** Every click gets exactly one of these, also the late, the double and the unauthorised one. */
export type ClickAnswer =
  | { outcome: 'decided'; text: string; decisionId: string }
  | { outcome: 'vote_counted'; text: string; missing: number }
  | { outcome: 'modified'; text: string; digest: string }
  | { outcome: 'duplicate'; text: string }
  | { outcome: 'too_late'; text: string }
  | { outcome: 'stale'; text: string }
  | { outcome: 'not_allowed'; text: string }
  | { outcome: 'invalid'; text: string; fields: Record<string, string> };

/** What a click would be told if it were made now; nothing is written. */
export type ClickPreview =
  | { counts: true; text: string; edit?: { before: string; after: string; risk: string } }
  | { counts: false; answer: ClickAnswer };
