/** One outside system that a developer's machine or CI can start from package registries alone. */
export interface RealSystem {
  /** As it is called on the command line, in file names and in `addressOf`: `airflow3`. */
  name: string;
  /** As people call it: `Apache Airflow 3`. */
  title: string;
  /** `fake` when the real server can not be had here: said wherever its results are shown. */
  truth: 'real' | 'fake';
  /** Started by `npm test` on every change; the others on demand. */
  ci: boolean;
  /** Systems that must be up before. */
  needs: string[];
  /** Brings the programs from the registries into `place.cache`; returns at once when they are there. */
  install(place: Place): Promise<void>;
  /** Starts the server and returns; its processes outlive this one. Called only while `version` answers undefined. */
  start(place: Place): Promise<void>;
  /** The version a ready server says it has; undefined while it is not ready. */
  version(place: Place): Promise<string | undefined>;
  /** How long a start may take, in milliseconds, on two busy cores. */
  startsWithinMs: number;
  /** Addresses, folders and logins a test needs. Known without the server: fixed ports, generated secrets kept in `place.state`. */
  address(place: Place): Record<string, string>;
}

export interface Place {
  /** Programs and packages: kept between runs. */
  cache: string;
  /** This system's own folder for configuration, data, logs and process ids; removed by `down`. */
  state: string;
  /** Where the other systems have theirs. */
  stateOf(name: string): string;
  /** Folder of the package: `test/real/…` below it holds DAGs, jobs, requirements. */
  root: string;
}
