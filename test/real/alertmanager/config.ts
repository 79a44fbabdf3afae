import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whom Alertmanager tells, and how soon: seconds where a company would wait minutes. */
export function writeConfig(state: string, url: string, token: string): void {
  const credentials = join(state, 'intake-token');
  writeFileSync(credentials, token, { mode: 0o600 });
  const config = {
    route: {
      receiver: 'countersign',
      group_by: ['alertname'],
      group_wait: '1s',
      group_interval: '2s',
      // Alertmanager repeats what still fires; an intake must take it as the same incident.
      repeat_interval: '10s',
    },
    receivers: [
      {
        name: 'countersign',
        webhook_configs: [
          {
            url,
            send_resolved: true,
            http_config: { authorization: { type: 'Bearer', credentials_file: credentials } },
          },
        ],
      },
    ],
  };
  writeFileSync(join(state, 'alertmanager.yml'), JSON.stringify(config, undefined, 2));
}
