import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../fixtures/platform/scenario.js';
import { loadScenarios } from '../../fixtures/platform/scenario-set.js';

const HOME = 'src/investigate/playbook';

/** Words of the trade that occur in scenarios by chance, each with the reason why knowing it tells nothing of a scenario. */
const TRADE = new Map<string, string>([
  ['started_at', 'a field of every alert, and the time column of many tables'],
  ['direction', 'a word of the language: whether a number went up or down'],
  ['retention', 'what every log and topic has'],
  ['streaming', 'a way of reading tables'],
  ['executor', 'a part of every Spark application'],
  ['scheduler', 'a part of every Airflow'],
  ['partition', 'a part of every table'],
  ['freshness', 'what monitors of tables measure'],
  ['object_store', 'a component of the taxonomy'],
]);

/** All files of the playbook but its tests, which may name what they like. */
const files = readdirSync(HOME, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(?:ts|ya?ml)$/.test(name) && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(join(HOME, name), 'utf8') }));
const scenarios = loadScenarios('fixtures/scenarios');

/** A name tells of a scenario when nobody would write it without having seen one: made of several words, or long. */
function isTelling(name: string): boolean {
  return name.length >= 6 && (/[._/-]/.test(name) || name.length >= 9) && !TRADE.has(name);
}

/** Names that stand in the parts of a scenario: pipelines, tasks, tables, columns, applications, settings, people, machines, metrics. */
function namesOf({ world, timeline, alert, truth, decoys, rules }: Scenario): string[] {
  const columns = Object.values(world.delta).flatMap(({ columns: have }) => Object.keys(have ?? {}));
  const tasks = Object.entries(world.airflow).flatMap(([dag, { tasks: of, owner }]) => [
    dag,
    owner,
    ...Object.entries(of).flatMap(([id, { spark, code, query_user }]) => [
      `${dag}.${id}`,
      ...[spark, code, query_user].filter((name): name is string => name !== undefined),
    ]),
  ]);
  return [
    ...tasks,
    ...columns,
    ...Object.keys(world.delta),
    ...Object.keys(world.spark),
    ...Object.keys(world.config),
    ...Object.keys(world.registry),
    ...Object.keys(world.metrics),
    ...Object.keys(world.k8s.nodes ?? {}),
    ...world.git.flatMap(({ author, sha }) => [author, sha]),
    ...timeline.map(({ by }) => by),
    ...decoys.map(({ entity }) => entity),
    ...truth.causes.flatMap(({ entity }) => entity),
    ...rules.flatMap((rule) => ('task' in rule ? [rule.task] : [rule.event])),
    ...Object.values(alert.labels),
  ].filter((name): name is string => name !== undefined);
}

/** Sentences of a scenario: of its alert, its logs and errors, its commits, its planted texts. */
function sentencesOf({ alert, rules, timeline, injections }: Scenario): string[] {
  const logs = rules.flatMap((rule) => ('task' in rule ? [rule.error, rule.log, rule.driver_log] : []));
  const said = [alert.text, ...logs, ...timeline.flatMap(({ message, note }) => [message, note])];
  return [...said, ...injections.map(({ text }) => text)]
    .flatMap((text) => (text ?? '').split('\n'))
    .map((line) => line.trim())
    .filter((line) => line.length >= 25);
}

const held = (word: string): string[] =>
  files
    .filter(({ text }) => new RegExp(`(?<![\\w.-])${word.replace(/[^\w]/g, '\\$&')}(?![\\w-])`, 'i').test(text))
    .map(({ name }) => name);

describe('the playbook knows no scenario', () => {
  it('looks at all of its files and at all scenarios', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(scenarios.length).toBeGreaterThan(8);
  });

  it('holds no name of any scenario', () => {
    const names = [...new Set(scenarios.flatMap(({ scenario }) => namesOf(scenario)))].filter(isTelling);
    expect(names.length).toBeGreaterThan(200);
    const found = names.flatMap((name) => held(name).map((file) => `${file}: ${name}`));
    expect(found).toEqual([]);
  });

  it('holds no sentence of any scenario', () => {
    const sentences = [...new Set(scenarios.flatMap(({ scenario }) => sentencesOf(scenario)))];
    const found = sentences.flatMap((sentence) =>
      files.filter(({ text }) => text.includes(sentence.slice(0, 60))).map(({ name }) => `${name}: ${sentence}`),
    );
    expect(found).toEqual([]);
  });

  it('names no scenario by id, file or family', () => {
    const ids = scenarios.flatMap(({ name, scenario }) => [name, scenario.id, scenario.canary]);
    expect(ids.flatMap((id) => held(id).map((file) => `${file}: ${id}`))).toEqual([]);
    const families = scenarios.map(({ scenario }) => scenario.family).filter(isTelling);
    expect(families.flatMap((family) => held(family).map((file) => `${file}: ${family}`))).toEqual([]);
  });

  it('would see one: a name of a scenario in a file is found', () => {
    const [first] = scenarios;
    const [dag = ''] = Object.keys(first?.scenario.world.airflow ?? {});
    expect(new RegExp(`(?<![\\w.-])${dag}(?![\\w-])`, 'i').test(`when: {says: '${dag}'}`)).toBe(true);
  });
});
