import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { javaHome, mavenArtifact } from '../java.js';
import { placeOf } from '../place.js';
import { pythonEnvironment } from '../python.js';
import type { Place } from '../system.js';

/** Delta Lake for Spark 4.2. Maven Central has no 4.4.1 of it, which is the Python package's version. */
export const DELTA_VERSION = '4.4.0';
const DELTA_JARS = [
  `io.delta:delta-spark_4.2_2.13:${DELTA_VERSION}`,
  `io.delta:delta-storage:${DELTA_VERSION}`,
  `io.delta:delta-kernel-api:${DELTA_VERSION}`,
  `io.delta:delta-kernel-defaults:${DELTA_VERSION}`,
  `io.delta:delta-kernel-unitycatalog:${DELTA_VERSION}`,
  'io.unitycatalog:unitycatalog-client:0.6.0',
  'io.unitycatalog:unitycatalog-hadoop:0.6.0',
];

/** Where things of the Spark installation are; all of it is known before anything is installed. */
export interface SparkPaths {
  /** Spark as the Python package brings it, with a `work` folder of its own. */
  sparkHome: string;
  /** `spark-defaults.conf` and `log4j2.properties`. */
  conf: string;
  events: string;
  /** `<application id>/driver.log` below it. */
  driverLogs: string;
  /** Program that submits a job with everything configured: `submit [options of spark-submit] job.py [arguments]`. */
  submit: string;
  python: string;
  /** The Delta lake that every engine shares: `<schema>/<table>`. */
  lake: string;
}

export function sparkPaths(place: Place = placeOf('spark')): SparkPaths {
  const state = place.stateOf('spark');
  return {
    sparkHome: join(state, 'home'),
    conf: join(state, 'conf'),
    events: join(state, 'events'),
    driverLogs: join(state, 'driver-logs'),
    submit: join(state, 'submit'),
    python: join(place.cache, 'python-spark/bin/python'),
    lake: place.stateOf('lake'),
  };
}

/** Paths of the Delta jars in the local Maven repository; fetched when they are not there. */
export async function deltaJars(): Promise<string[]> {
  const jars: string[] = [];
  for (const jar of DELTA_JARS) jars.push(await mavenArtifact(`${jar}:jar`));
  return jars;
}

/** Packages, jars, configuration and the submit program. Returns at once when they are there. */
export async function installSpark(place: Place): Promise<void> {
  const bin = await pythonEnvironment(place, 'spark');
  const paths = sparkPaths(place);
  for (const folder of [paths.sparkHome, paths.conf, paths.events, paths.driverLogs]) {
    mkdirSync(folder, { recursive: true });
  }
  linkHome(join(bin, '..', 'lib'), paths.sparkHome);
  copyFileSync(join(place.root, 'test/real/spark/log4j2.properties'), join(paths.conf, 'log4j2.properties'));
  writeFileSync(join(paths.conf, 'spark-defaults.conf'), defaultsOf(paths, await deltaJars()));
  writeFileSync(paths.submit, submitScript(place, paths), { mode: 0o755 });
}

/** Executors of a local cluster write below SPARK_HOME: they get a home of links, so that the packages stay as installed. */
function linkHome(libraries: string, home: string): void {
  const python = readdirSync(libraries).find((name) => name.startsWith('python3')) ?? '';
  const pyspark = join(libraries, python, 'site-packages/pyspark');
  for (const name of readdirSync(pyspark)) {
    const link = join(home, name);
    if (!existsSync(link)) symlinkSync(join(pyspark, name), link);
  }
}

function defaultsOf(paths: SparkPaths, jars: readonly string[]): string {
  const settings: Record<string, string> = {
    'spark.master': 'local[1]',
    // On the class path where they are: `spark.jars` would copy forty megabytes for every job.
    'spark.driver.extraClassPath': jars.join(':'),
    'spark.executor.extraClassPath': jars.join(':'),
    // Jobs here are short: a light compiler and collector start in half the time.
    'spark.driver.extraJavaOptions': '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
    'spark.executor.extraJavaOptions': '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
    'spark.sql.extensions': 'io.delta.sql.DeltaSparkSessionExtension',
    'spark.sql.catalog.spark_catalog': 'org.apache.spark.sql.delta.catalog.DeltaCatalog',
    'spark.sql.warehouse.dir': `file://${paths.lake}`,
    'spark.eventLog.enabled': 'true',
    'spark.eventLog.dir': `file://${paths.events}`,
    'spark.ui.enabled': 'false',
    'spark.driver.memory': '768m',
    'spark.executor.memory': '1024m',
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.sql.shuffle.partitions': '4',
    'spark.databricks.delta.snapshotPartitions': '2',
    'spark.pyspark.python': paths.python,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key} ${value}\n`)
    .join('');
}

function submitScript(place: Place, paths: SparkPaths): string {
  const env: Record<string, string> = {
    JAVA_HOME: javaHome(17),
    SPARK_HOME: paths.sparkHome,
    SPARK_CONF_DIR: paths.conf,
    SPARK_LOCAL_IP: '127.0.0.1',
    // A killed driver leaves its blocks behind.
    SPARK_LOCAL_DIRS: join(place.stateOf('spark'), 'local'),
    DRIVER_LOGS: paths.driverLogs,
    LAKE: paths.lake,
    PYTHONUNBUFFERED: '1',
  };
  const exports = Object.entries(env).map(([key, value]) => `export ${key}='${value}'`);
  const program = join(place.root, 'test/real/spark/submit.py');
  return ['#!/bin/sh', ...exports, `exec '${paths.python}' '${program}' "$@"`, ''].join('\n');
}
