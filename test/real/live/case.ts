import type { Category, Change } from '../../../src/domain/diagnosis.js';
import type { RepairAction } from '../../../src/domain/proposal.js';
import type { World } from './world.js';

/** One failure made live: how the world is whole, how it breaks, what must come of it. */
export interface LiveCase {
  /** Name of the thread's file. */
  name: string;
  title: string;
  dag: string;
  /** Makes tables, files and history as they are on a good day; the pipeline then passes once. */
  prepare(world: World): Promise<void>;
  /** What goes wrong before the run that fails. */
  breakIt(world: World): Promise<void>;
  /** What happens while the run that fails is on its way. */
  during?(world: World, run: string): Promise<void>;
  /** When the runs are due; no date when not given. */
  dueMinutesAgo?: { good: number; incident: number };
  /** What a person does, and changes in the form, before deciding. */
  beforeDecision?(world: World): Promise<Record<string, string>>;
  expected: { category: Category; change: Change; entity: string; plan: RepairAction['do'][] };
  /** The proof on the real system itself that it is healed. @returns it in one sentence. */
  healed(world: World, run: string): Promise<string>;
}
