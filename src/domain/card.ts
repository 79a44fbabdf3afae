import type { Form } from './form.js';

/** Neutral messages: what a chat shows, not how. Adapters turn them into HTML, Block Kit or Adaptive Cards. */

export type Tone = 'neutral' | 'working' | 'waiting' | 'good' | 'bad';

/** Whose words a text is. Model text is boxed and labelled, outside text is escaped and never linked. */
export type Voice = 'ours' | 'model' | 'outside' | 'person';

export type Section = (
  | { kind: 'text'; voice: Voice; text: string; label?: string }
  | { kind: 'facts'; rows: FactRow[]; title?: string }
  | { kind: 'quote'; text: string; source: string; supports: string; struck?: string; observation?: string }
  | { kind: 'diff'; title: string; before: string; after: string }
  | { kind: 'list'; title: string; items: string[]; voice?: Voice }
  | { kind: 'tagged'; title: string; tags: string[]; rows: TaggedRow[]; more: number }
  | { kind: 'patch'; file: string; diff: string; note: string }
) & {
  /** Detail: a chat may show it closed, or leave it to its page. */
  folded?: boolean;
};

export interface FactRow {
  name: string;
  value: string;
  /** Changes with the clock alone; a chat where each change costs an edit leaves it out. */
  passing?: boolean;
}

/** A name with short tags beside it, e.g. the classes of a table; `text` is the small print. */
export interface TaggedRow {
  name: string;
  tags: string[];
  text: string;
}

export interface Action {
  verdict: 'approve' | 'modify' | 'reject';
  label: string;
  /** One click is enough, or the form below must be filled first. */
  form?: Form;
  style: 'primary' | 'plain' | 'danger';
}

export interface Card {
  id: string;
  title: string;
  tone: Tone;
  sections: Section[];
  actions: Action[];
  /** The digest every action of this card binds to. */
  digest?: string;
  /** RFC 3339: when what it tells of first happened. It stays, whatever the card says later. */
  at?: string;
}

/** One folded line of the trace. */
export interface TraceLine {
  call: number;
  at: string;
  tool: string;
  args: string;
  thought: string;
  hypothesis: string;
  confidence: number;
  status: 'running' | 'ok' | 'no_data' | 'error';
  headline: string;
  observation?: string;
  flagged: boolean;
}

/** A whole thread: one headline edited in place, the trace folded, then cards in order. */
export interface Thread {
  incident: string;
  /** Version of the incident that is shown. */
  version: number;
  summary: IncidentSummary;
  headline: Card;
  trace: TraceLine[];
  cards: Card[];
  notes: Note[];
  questions: Question[];
  /** For whom a chat writes a new message although nothing new is to be shown. */
  calls: Call[];
  /** Tool calls left over for a further question, and how many one person may grant to it. */
  asking?: { left: number; maxGrant: number };
}

/** A person is needed, for something that a card shows already. */
export interface Call {
  id: string;
  at: string;
  text: string;
  /** Still; nobody is called for what is over. */
  needed: boolean;
}

/** What a person wrote into the thread. */
export interface Note {
  id: string;
  by: string;
  via: 'web' | 'terminal' | 'slack' | 'teams';
  at: string;
  text: string;
}

/** A follow-up question to the agent, and its answer once there is one. */
export interface Question extends Note {
  /** Tool calls granted beyond what the investigation left over. */
  grant: number;
  state: 'waiting' | 'working' | 'answered' | 'failed';
  /** The calls made for it. */
  trace: TraceLine[];
  answer?: Card;
}

/** One row of the incident list. */
export interface IncidentSummary {
  incident: string;
  title: string;
  /** An IncidentStatus, for programs; `statusText` says the same to people. */
  status: string;
  statusText: string;
  tone: Tone;
  severity: string;
  pipeline: string;
  owner: string;
  openedAt: string;
  lastAt: string;
  alerts: number;
  toolCalls: number;
  /** Minutes from the first alert to verified recovery; undefined before it. */
  minutes: number | undefined;
  costUsd: number;
  /** Nothing more will happen by itself: the thread is what it will stay. */
  finished: boolean;
}

export interface IncidentFilter {
  /** An IncidentStatus, or `open` for all that are not resolved or closed. */
  status?: string;
  pipeline?: string;
  severity?: string;
  text?: string;
}

/** The numbers of a stretch of time, for managers: a digest, the App Home, a report by mail. Times in minutes. */
export interface Digest {
  from: string;
  to: string;
  incidents: number;
  open: number;
  waiting: number;
  resolved: number;
  escalated: number;
  rejected: number;
  /** Mean minutes from the first alert to verified recovery; undefined when nothing was resolved. */
  meanMinutesToResolve: number | undefined;
  /** Mean minutes from the card to the decision. */
  meanMinutesToDecide: number | undefined;
  meanToolCalls: number | undefined;
  costUsd: number;
  byPipeline: { pipeline: string; incidents: number }[];
  /** What is not over, longest open first. */
  unfinished: IncidentSummary[];
}
