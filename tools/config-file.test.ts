import { describe, expect, it } from 'vitest';
import { differsOnlyAt, readSetting, settingHistory, typedLike, writeSetting } from './config-file.js';
import { liveValue, patchOf } from './config-target.js';
import { createMemoryPlatform } from './testing/memory-platform.js';
import { scene } from './testing/scenes.js';

const FILE = `# Sizes of the nightly jobs.
app:
    memory: "8g"   # raised in winter
    cores: 4
sparkConf:
  spark.executor.memory: 8g
  'spark.sql.ansi.enabled': true
list: [1, 2]
---
second:
  memory: 2
`;

describe('a setting of a file', () => {
  it.each([
    ['app.memory', '8g'],
    ['app.cores', 4],
    ['sparkConf.spark.executor.memory', '8g'],
    ['sparkConf.spark.sql.ansi.enabled', true],
    ['second.memory', 2],
    ['app', undefined],
    ['app.nothing', undefined],
    ['list', undefined],
  ])('%s is %j', (key, value) => {
    expect(readSetting(FILE, key)).toBe(value);
  });

  it.each<[string, string | number | boolean, string, string]>([
    ['app.memory', '12g', '"8g"   #', '"12g"   #'],
    ['app.cores', 6, 'cores: 4', 'cores: 6'],
    ['sparkConf.spark.executor.memory', '12g', 'memory: 8g', 'memory: 12g'],
    ['sparkConf.spark.sql.ansi.enabled', false, "enabled': true", "enabled': false"],
    ['second.memory', 3, 'memory: 2', 'memory: 3'],
    ['app.memory', 'a: # "tricky"', '"8g"', '"a: # \\"tricky\\""'],
    ['sparkConf.spark.executor.memory', 'yes: no', 'memory: 8g', 'memory: "yes: no"'],
  ])('%s is replaced by %j and nothing else', (key, value, from, to) => {
    expect(writeSetting(FILE, key, value)).toBe(FILE.replace(from, to));
  });

  it('that is not there can not be written', () => {
    expect(() => writeSetting(FILE, 'app.nothing', 1)).toThrow(/no plain value at app\.nothing/);
    expect(() => writeSetting('a: [', 'a', 1)).toThrow(/no plain value/);
  });

  it('keeps the type of the value that it replaces', () => {
    expect(typedLike(4, '6')).toBe(6);
    expect(typedLike('4', '6')).toBe('6');
    expect(typedLike(true, 'false')).toBe(false);
    expect(typedLike(4, '6g')).toBe('6g');
  });

  it('is known to be the only difference of two files, or not', () => {
    const one = writeSetting(FILE, 'app.cores', 6);
    expect(differsOnlyAt(FILE, one, 'app.cores')).toBe(true);
    expect(differsOnlyAt(FILE, writeSetting(one, 'second.memory', 9), 'app.cores')).toBe(false);
    expect(differsOnlyAt(FILE, `${one}third: 3\n`, 'app.cores')).toBe(false);
  });
});

it('the history of a setting names the commit that set each value, not the last that touched the file', async () => {
  const { readers } = createMemoryPlatform(scene());
  const target = { file: 'apps/daily_transactions.yaml', key: 'executor_memory_gi' };
  const history = await settingHistory(readers.config, target, 5);
  expect(history.map(({ value, commit }) => [value, commit.sha.slice(0, 4)])).toEqual([
    [8, 'beef'],
    [6, 'face'],
  ]);
});

describe('a field of a live resource', () => {
  const resource = {
    ...(scene().resources[0] as NonNullable<ReturnType<typeof scene>['resources'][0]>),
    spec: { executor: { memory: '4g' }, sparkConf: { 'spark.executor.memory': '4g' }, image: ['x'] },
  };

  it('is found by its path, also where a key holds dots, and patched alone', () => {
    expect(liveValue(resource, 'executor.memory')).toBe('4g');
    expect(liveValue(resource, 'sparkConf.spark.executor.memory')).toBe('4g');
    expect(liveValue(resource, 'image')).toBeUndefined();
    expect(patchOf(resource, 'sparkConf.spark.executor.memory', '6g')).toEqual({
      sparkConf: { 'spark.executor.memory': '6g' },
    });
    expect(() => patchOf(resource, 'driver.memory', '6g')).toThrow(/has no field driver\.memory/);
  });
});
