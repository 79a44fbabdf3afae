import { z } from 'zod';

/** Names of everything in our messages and views that can be clicked; Slack gives them back with the click. */
export const ACTION = {
  approve: 'cs_approve',
  modify: 'cs_modify',
  reject: 'cs_reject',
  showTrace: 'cs_show_trace',
  showEvidence: 'cs_show_evidence',
  showAll: 'cs_show_all',
  page: 'cs_page',
  grant: 'cs_grant',
  openThread: 'cs_open_thread',
} as const;

/** `callback_id` of our views. */
export const VIEW = {
  /** A decision's form: the independent check, the reason, or the edit. */
  form: 'cs_form',
  /** The edit as a diff, to be confirmed. */
  confirmEdit: 'cs_confirm_edit',
  detail: 'cs_detail',
  answer: 'cs_answer',
  openAlert: 'cs_open_alert',
} as const;

export const SHORTCUT_INVESTIGATE = 'cs_investigate_alert';
export const COMMAND = '/countersign';

/**
 * What a button or a view carries: names only. It comes back from outside, so it is parsed, and it gives nobody a right: the gate
 * decides by who clicked and by what the log holds.
 */
export const Carried = z.strictObject({
  incident: z.string().max(100),
  /** The digest printed on the card; absent where nothing is decided. */
  digest: z.string().max(64).optional(),
  verdict: z.enum(['approve', 'modify', 'reject']).optional(),
  card: z.string().max(100).optional(),
  detail: z.enum(['trace', 'evidence', 'all']).optional(),
  page: z.number().int().min(0).max(200).optional(),
  /** Where the click came from, so that an answer finds its way. */
  channel: z.string().max(30).optional(),
  thread: z.string().max(30).optional(),
  /** Of a follow-up question that needs a grant. */
  question: z.string().max(2000).optional(),
});
export type Carried = z.infer<typeof Carried>;

/** Fits a button's `value` (2000) and a view's `private_metadata` (3000). */
export function carried(what: Carried): string {
  return JSON.stringify(what);
}

/** Undefined for what is not ours or was tampered with. */
export function readCarried(text: string | undefined): Carried | undefined {
  try {
    return Carried.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}
