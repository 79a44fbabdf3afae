import type { Person, Verdict } from '../../src/domain/decision.js';
import type { ChatCore } from '../support/chat-core.js';

/** People as every chat of the suite knows them; `nobody` is somebody whom the chat can not name. */
export const PEOPLE = {
  ana: 'ana@example.com',
  ben: 'ben@example.com',
  chen: 'chen@example.com',
  dora: 'dora@example.com',
  /** Known by name, on no list. */
  intern: 'intern@example.com',
} as const;
export type Who = keyof typeof PEOPLE | 'nobody';

/** A card as it stood in front of a person at one moment: what is pressed on it later carries what it said then. */
export interface SeenCard {
  incident: string;
  title: string;
  /** All of it, title included, as text that a person can read. */
  text: string;
  actions: Verdict[];
  /** The chat's own. */
  handle: unknown;
}

/** A thread as it stands in front of a person. */
export interface Seen {
  headline: string;
  /** How many headlines of this incident there are. */
  headlines: number;
  cards: SeenCard[];
  /** The folded trace as it is shown without opening anything. */
  trace: string;
  notes: string[];
  questions: string[];
  /** All of it as text, in the order in which it stands. */
  text: string;
  /** What the chat brings alive that is not ours: addresses that can be followed, people and groups that are called, markup that takes effect. */
  alive: string[];
}

export interface Gesture {
  verdict: Verdict;
  words?: string;
  /** Fields of the Modify form, by name. */
  values?: Record<string, string>;
}

/** What the one who pressed is told. */
export interface Told {
  text: string;
  /** By field name, where a form is to be filled in better. */
  faults: Record<string, string>;
}

/** A chat with its adapter, in front of the real gate; the same for every chat, so that all keep the same promises. */
export interface ChatGiven {
  chat: Person['via'];
  /** What is behind the chat now; another one after a restart. */
  core(): ChatCore;
  /** Lets time pass, for the chat and for us. */
  pass(ms: number): Promise<void>;
  /** The thread, once the chat shows the newest state of the log. */
  see(incident: string): Promise<Seen>;
  /** Presses a button of that card, fills in what it asks for and confirms what it shows; answers with what was told last. */
  press(by: Who, on: SeenCard, gesture: Gesture): Promise<Told>;
  /** One press that reaches us twice, byte for byte. An answer of `undefined` was not given a second time. */
  pressDelivered(by: Who, on: SeenCard, gesture: Gesture, between?: () => Promise<void>): Promise<(Told | undefined)[]>;
  /** A full view: every call of the trace, or every stored answer that the evidence quotes. */
  detail(by: Who, incident: string, what: 'trace' | 'evidence'): Promise<string>;
  /** Everything that a person can get to read of this incident, views and pages included. */
  everything(by: Who, incident: string): Promise<string>;
  /** Writes a note the way people do there; `times` deliveries of the same one. */
  note(by: Who, incident: string, text: string, times?: number): Promise<void>;
  /** Stops our side and starts it again on the same log. */
  restart(): Promise<void>;
  close(): Promise<void>;
}
