import { join } from 'node:path';
import { javaHome } from '../java.js';
import { startProcess } from '../processes.js';
import { installSpark, sparkPaths } from '../spark/installation.js';
import type { RealSystem } from '../system.js';

const PORT = 18182;
const URL = `http://127.0.0.1:${PORT}`;

/** Spark from PyPI with Delta Lake from Maven Central: programs that run jobs, and the History Server over their event logs. */
export const spark: RealSystem = {
  name: 'spark',
  title: 'Apache Spark with History Server',
  truth: 'real',
  ci: true,
  needs: [],
  startsWithinMs: 90_000,
  install: installSpark,
  async start(place) {
    const { sparkHome, conf, events } = sparkPaths(place);
    const settings = {
      'spark.history.fs.logDirectory': `file://${events}`,
      'spark.history.fs.update.interval': '1s',
      'spark.history.ui.port': String(PORT),
    };
    startProcess(place, {
      name: 'history-server',
      program: join(sparkHome, 'bin/spark-class'),
      args: ['org.apache.spark.deploy.history.HistoryServer'],
      env: {
        JAVA_HOME: javaHome(17),
        SPARK_HOME: sparkHome,
        SPARK_CONF_DIR: conf,
        SPARK_LOCAL_IP: '127.0.0.1',
        SPARK_DAEMON_MEMORY: '512m',
        SPARK_HISTORY_OPTS: Object.entries(settings)
          .map(([key, value]) => `-D${key}=${value}`)
          .join(' '),
      },
    });
  },
  async version() {
    const answer = await fetch(`${URL}/api/v1/version`);
    return answer.ok ? ((await answer.json()) as { spark: string }).spark : undefined;
  },
  address(place) {
    const { events, driverLogs, submit, python, sparkHome } = sparkPaths(place);
    return { url: URL, events, driverLogs, submit, python, sparkHome };
  },
};
