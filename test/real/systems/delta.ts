import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { placeOf } from '../place.js';
import { DELTA_VERSION, installSpark, sparkPaths } from '../spark/installation.js';
import type { RealSystem } from '../system.js';

/** Two writers of Delta tables, and no server: Spark's own and delta-rs. The tables are files. */
export const delta: RealSystem = {
  name: 'delta',
  title: 'Delta Lake (delta-spark and delta-rs)',
  truth: 'real',
  ci: true,
  needs: ['s3'],
  startsWithinMs: 5_000,
  install: () => installSpark(placeOf('spark')),
  async start() {
    // Nothing to start: the tests run the writers.
  },
  async version(place) {
    const { submit, python } = sparkPaths();
    if (!existsSync(submit) || !existsSync(python)) return undefined;
    const pinned = readFileSync(join(place.root, 'test/real/requirements/spark.txt'), 'utf8');
    return `${DELTA_VERSION} / ${/^deltalake==(.*)$/m.exec(pinned)?.[1]}`;
  },
  address: () => ({ python: sparkPaths().python }),
};
