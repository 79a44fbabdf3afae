import { access, constants, stat } from 'node:fs/promises';
import type { WriteRight } from '../../src/domain/rights.js';

/** Whether this process could write to the lake. A folder is only looked at; an object store can not be asked without writing. */
export async function mayWrite(deps: { root: string }): Promise<WriteRight> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(deps.root)) {
    return { may: 'unknown', words: 'an object store can not be asked without writing: give the key read rights only' };
  }
  try {
    await access(deps.root, constants.W_OK);
  } catch {
    return { may: 'refused', words: 'may not write to the folder' };
  }
  const { uid } = await stat(deps.root);
  // On one machine everything is one person's: then no right keeps the process from writing, only what the program does.
  return uid === process.getuid?.()
    ? {
        may: 'unknown',
        words: 'the folder belongs to the very user this process runs as: only the program keeps from writing',
      }
    : { may: 'allowed', words: 'may write to the folder' };
}
