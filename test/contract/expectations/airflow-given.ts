import type { AirflowReader, AirflowWriter, DagInfo } from '../../../src/domain/platform-ports.js';

export interface TaskName {
  dag: string;
  run: string;
  task: string;
}

/** A world with runs that failed in known ways. `broken` and `mended` are runs of the same DAG in which the same tasks failed. */
export interface AirflowGiven {
  /** With the viewer's login. */
  reader: AirflowReader;
  /** With the operator's login. */
  writer: AirflowWriter;
  /** The writer with the viewer's login. */
  viewer: AirflowWriter;
  /** A reader with a password that is none. */
  stranger: AirflowReader;
  /** A reader whose first `times` tokens are spoilt, and how often it logged in. */
  spoilt(times: number): { reader: AirflowReader; logins(): number };
  dag: DagInfo;
  pausedDag: string;
  /** A DAG whose file no longer imports, and a text that says why. */
  brokenDag: { dag: string; tells: string };
  /** Newest first; a run by schedule and one by hand. */
  runs: { scheduled: string; manual: string };
  /** Tasks of `broken` and `mended`. */
  tasks: { done: string; failed: string; waiting: string; skipped: string; mapped: string };
  retries: number;
  failingIndex: number;
  mappedCount: number;
  exception: string;
  /** What it lacks is still missing. */
  broken: { dag: string; run: string };
  /** What it lacks has come meanwhile: a retry succeeds. */
  mended: { dag: string; run: string };
  running: TaskName;
  /** A log of more than 6000 lines with one that tells in its middle. */
  chatter: TaskName & { tells: string; last: string };
  killed: TaskName;
  stopped: TaskName;
  lost: TaskName;
  /** Waits until nothing of the run is queued or running. */
  settle(dag: string, run: string): Promise<void>;
}
