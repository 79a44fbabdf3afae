import type { WriteRight } from '../../src/domain/rights.js';

/** Kyuubi keeps no rights of its own: a session's engine does, and asking one would start it. So nothing is asked. */
export async function mayWrite(): Promise<WriteRight> {
  return {
    may: 'unknown',
    words: 'rights are those of the Spark engine, and asking would start one: see what its catalog allows this user',
  };
}
