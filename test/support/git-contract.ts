import { join } from 'node:path';
import { createGitReader } from '../../adapters/git/read.js';
import { createGitWriter } from '../../adapters/git/write.js';
import type { GitGiven } from '../contract/expectations/git-given.js';
import { createPerson } from './git-person.js';

export interface GitPlace {
  /** An empty folder for clones. */
  cache: string;
  /** The bare repository on the server's disk. */
  remote: string;
  /** Its address with the read login, and with the repairer's. */
  reader: string;
  writer: string;
}

/** The product's git adapters on one repository, as the contract wants them. */
export function gitGiven({ cache, remote, reader, writer }: GitPlace): GitGiven {
  let clock = 0;
  let clones = 0;
  const readerOf = (repository: string, folder: string) =>
    // Each question is asked long enough after the one before to fetch again.
    createGitReader({ repository, cache: folder, now: () => (clock += 3000) });
  const own = (): string => {
    clones += 1;
    return join(cache, `own-${clones}`);
  };
  const shared = join(cache, 'shared');
  const writerOf = (repository: string, path = process.env['PATH'] ?? '') =>
    createGitWriter({
      repository,
      cache: own(),
      identity: { name: 'Countersign', email: 'countersign@example.com' },
      environment: { PATH: path },
    });
  const addresses = {
    'own clone': reader,
    'same clone': reader,
    'wrong password': reader.replace(/:[^:@/]+@/, ':wrong@'),
    'no repository': reader.replace(/[\w-]+\.git$/, 'no-such.git'),
  };
  return {
    reader: readerOf(reader, shared),
    cache: shared,
    another: (how) => readerOf(addresses[how], how === 'same clone' ? shared : own()),
    writer: (path) => writerOf(writer, path),
    readerAsWriter: writerOf(reader),
    person: createPerson(remote),
  };
}
