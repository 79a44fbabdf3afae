import type { RuleId } from '../rules.js';
import { selfJoinsOverTime, statefulWork, undeclaredOutputs, unpinnedArtifacts } from './by-hand.js';
import { aggregatedChanges, appendedChanges, keysAndOrder, unhandledDeletes } from './change-capture.js';
import { exposedPersons, lowerLevels, regulatedData } from './classification.js';
import type { BoundRule, ConfigRule } from './context.js';
import { deadLetterIsSink, lostColumns, missingDeadLetter, openDeadLetter, unsafeChecks } from './dead-letter.js';
import { contradictions, fullReads, lostLastDays, oddPatterns, undeclaredValues } from './filters.js';
import { floatingIdentifiers, lostZeros, mismatchedIdentifiers, retypedIdentifiers } from './identifiers.js';
import { writtenInstructions } from './instructions.js';
import { multipliedRows, undoneLeftJoins } from './joins.js';
import { mixedCurrencies, undatedRates, unstatedRounding } from './money.js';
import { climbingPaths } from './paths.js';
import { idleChecks, noChecks, unknownCheckColumns } from './quality.js';
import { regulatedDescription, regulatedNames, structuringPattern } from './regulated.js';
import * as sink from './sink.js';
import { narrowSinks, sinkNulls, sinkTypes, unknownSinkTypes } from './sink-types.js';
import * as sources from './sources.js';
import { decidedConditions, limits, orders, starIntoSink, volatileCalls } from './sql-habits.js';
import { schedules, transformerLoops, unknownInputs, unusedParts } from './wiring.js';

/** A rule, or the part of one that a layer can say. None reads what another found. */
export interface Entry<R> {
  rule: RuleId;
  check: R;
}

const entry = <R>(rule: RuleId, check: R): Entry<R> => ({ rule, check });

/** Layer 1: over the config and the catalogue, whether or not its queries bind. */
export const CONFIG_RULES: readonly Entry<ConfigRule>[] = [
  entry('CFG006', unknownInputs),
  entry('CFG007', unusedParts),
  entry('CFG009', transformerLoops),
  entry('CFG010', schedules),
  entry('SEC002', writtenInstructions),
  entry('SEC003', climbingPaths),
  entry('SRC001', sources.unregisteredSources),
  entry('SRC002', sources.unpinnedSchemas),
  entry('SRC003', sources.unreadableConnections),
  entry('SRC004', sources.olderSchemas),
  entry('SRC005', sources.forgottenMessages),
  entry('CDC002', unhandledDeletes),
  entry('CDC003', keysAndOrder),
  entry('CDC005', appendedChanges),
  entry('WIN002', statefulWork),
  entry('SCA001', unpinnedArtifacts),
  entry('SCA002', undeclaredOutputs),
  entry('REG001', regulatedDescription),
  entry('REG002', regulatedNames),
  entry('REG003', lowerLevels),
  entry('REG006', regulatedData),
  entry('SNK001', sink.unwritablePlaces),
  entry('SNK002', sink.mergeKeys),
  entry('DQ001', noChecks),
  entry('DQ004', idleChecks),
  entry('DLQ005', deadLetterIsSink),
  entry('DLQ006', missingDeadLetter),
  entry('DLQ007', openDeadLetter),
];

/** Layer 3: over queries with columns and types. What could not be bound is not looked at, and the report says so. */
export const BOUND_RULES: readonly Entry<BoundRule>[] = [
  entry('CDC001', aggregatedChanges),
  entry('SQL011', starIntoSink),
  entry('SQL012', volatileCalls),
  entry('SQL013', limits),
  entry('SQL016', undoneLeftJoins),
  entry('SQL017', multipliedRows),
  entry('SQL018', decidedConditions),
  entry('SQL019', orders),
  entry('FLT001', undeclaredValues),
  entry('FLT003', oddPatterns),
  entry('FLT004', contradictions),
  entry('FLT005', lostLastDays),
  entry('FLT006', fullReads),
  entry('TYP004', unknownSinkTypes),
  entry('TYP006', sinkTypes),
  entry('TYP007', sinkNulls),
  entry('DEC002', narrowSinks),
  entry('DEC005', unstatedRounding),
  entry('MON001', mixedCurrencies),
  entry('MON002', undatedRates),
  entry('IDN001', retypedIdentifiers),
  entry('IDN002', lostZeros),
  entry('IDN003', mismatchedIdentifiers),
  entry('IDN004', floatingIdentifiers),
  entry('WIN003', selfJoinsOverTime),
  entry('REG001', structuringPattern),
  entry('REG004', exposedPersons),
  entry('SNK003', sink.columnSets),
  entry('SNK004', sink.grains),
  entry('SNK005', sink.nullKeys),
  entry('SNK007', sink.repeatedAppends),
  entry('SNK009', sink.staleGroups),
  entry('SNK010', sink.tinyPartitions),
  entry('DQ003', unknownCheckColumns),
  entry('DLQ003', lostColumns),
  entry('DLQ004', unsafeChecks),
];
