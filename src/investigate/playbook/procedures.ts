import { lostCapacity } from './capacity.js';
import { ourCode } from './code-change.js';
import { contract } from './contract.js';
import { credentials, expiredData, outage } from './hand-over.js';
import { killed } from './killed.js';
import { lateData } from './late.js';
import { demand } from './memory.js';
import { sharedPool } from './pools.js';
import type { Procedure } from './procedure.js';
import { protocol } from './protocol.js';
import { ourSettings } from './settings.js';
import { elsewhere } from './symptom-look.js';
import { tableShape } from './table-shape.js';
import { contention, outsideHand } from './transient.js';

/** The table: which procedures there are, in the order in which they are followed when an error raises several. */
export const PROCEDURES: readonly Procedure[] = [
  elsewhere,
  credentials,
  outage,
  protocol,
  contract,
  ourCode,
  tableShape,
  lateData,
  expiredData,
  lostCapacity,
  ourSettings,
  demand,
  sharedPool,
  contention,
  outsideHand,
  killed,
];
