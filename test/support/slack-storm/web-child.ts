import { readConfig } from '../../../src/config.js';
import { createWeb } from '../../../src/roles/web.js';
import { type VirtualEpoch, virtualTime } from './virtual-time.js';

/** The web role as it is, in a process of its own, in the virtual time of a storm. */
const epoch = JSON.parse(process.env['STORM_EPOCH'] ?? '') as VirtualEpoch;
const role = createWeb(readConfig('web'), virtualTime(epoch));
const stop = new AbortController();
for (const name of ['SIGTERM', 'disconnect'] as const) process.once(name, () => stop.abort());
await role.run(stop.signal, (more) => process.send?.({ ready: true, ...more }));
process.exit(0);
