import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A target for Prometheus to scrape: what it exposes is what the test says. */
export interface Exporter {
  /** `127.0.0.1:<port>`, as targets are written down. */
  address: string;
  /** A gauge's value from the next scrape on; undefined takes the series away. */
  set(series: string, value: number | 'NaN' | '+Inf' | '-Inf' | undefined): void;
  stop(): Promise<void>;
}

export async function startExporter(): Promise<Exporter> {
  const series = new Map<string, string>();
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4');
    response.end([...series].map(([name, value]) => `${name} ${value}\n`).join(''));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    set(name, value) {
      if (value === undefined) series.delete(name);
      else series.set(name, String(value));
    },
    stop: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
