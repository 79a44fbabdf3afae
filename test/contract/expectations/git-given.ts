import type { GitReader, GitWriter } from '../../../src/domain/platform-ports.js';
import type { Person } from '../../support/git-person.js';

export interface GitGiven {
  /** Reads with the read login; fetches before each read. */
  reader: GitReader;
  /** The reader's clones lie here. */
  cache: string;
  /** Another reader: with a clone of its own, in the same folder as the first, with a wrong password, of no repository. */
  another(how: 'own clone' | 'same clone' | 'wrong password' | 'no repository'): GitReader;
  /** Writes with the repairer's login; `PATH` may be set for it. */
  writer(path?: string): GitWriter;
  /** Tries to write with the read login. */
  readerAsWriter: GitWriter;
  /** A colleague, who pushes to the same repository behind everybody's back. */
  person: Person;
}

/** A file of the contract's own, beside what the repository may hold otherwise. */
export const CONF = 'contract/app.yaml';
export const FIRST = '# Settings\nspark:\n  sql.shuffle.partitions: 200\n  memory: 4g\nretries: 3\n';
