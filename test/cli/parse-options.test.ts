import { describe, expect, test } from 'vitest';
import { NOT_THERE_YET, RUN_OPTIONS } from '../../src/cli/options.ts';
import { describeOptions, parseOptions } from '../../src/cli/parse-options.ts';

const parse = (...words: string[]) => parseOptions(RUN_OPTIONS, words, NOT_THERE_YET);

describe('options of run', () => {
  test.each([
    [['--strace', 'prog'], { strace: '' }, ['prog']],
    [['--strace=log', '--pages', 'prog'], { strace: 'log', pages: '' }, ['prog']],
    [['--memory', '64M', 'prog'], { memory: 64 * 1024 ** 2 }, ['prog']],
    [['--memory=1G', 'prog'], { memory: 1024 ** 3 }, ['prog']],
    [['--env', 'A=1', '--env=B=x=y', 'prog'], { env: ['A=1', 'B=x=y'] }, ['prog']],
    [['--max-instructions', '1_000', 'prog'], { 'max-instructions': 1000 }, ['prog']],
    [['--clock', 'virtual', '--timeout', '0.5', 'p'], { clock: 'virtual', timeout: 0.5 }, ['p']],
    [['prog', '--strace', '--nonsense'], {}, ['prog', '--strace', '--nonsense']],
    [['--stats', '--', '--odd-name', '-x'], { stats: true }, ['--odd-name', '-x']],
    [['--stats', 'prog', '--', '-abc', '--memory'], { stats: true }, ['prog', '--', '-abc', '--memory']],
    [['--strace=', '--', 'prog', '--'], { strace: '' }, ['prog', '--']],
    [['--strace=a=b', '-'], { strace: 'a=b' }, ['-']],
    [['--trace', '--odd-file', 'prog'], { trace: '--odd-file' }, ['prog']],
    [['--memory=1G', '--memory=2G'], { memory: 2 * 1024 ** 3 }, []],
    [[], {}, []],
  ])('%j', (words, values, rest) => {
    expect(parse(...words)).toEqual({ values, rest });
  });

  test.each([
    [['--nonsense', 'prog'], 'unknown option --nonsense'],
    [['--stace', 'prog'], 'unknown option --stace (did you mean --strace?)'],
    [['-s', 'prog'], 'unknown option -s'],
    [['-strace', 'prog'], 'unknown option -strace (did you mean --strace?)'],
    [['--stace=x', 'prog'], 'unknown option --stace=x (did you mean --strace?)'],
    [['--no-stats', 'prog'], 'unknown option --no-stats'],
    [['--trace=', 'prog'], '--trace: a value is missing'],
    [['--__proto__=x', 'prog'], 'unknown option --__proto__=x'],
    [['--=x', 'prog'], 'unknown option --=x'],
    [['--memory'], '--memory needs a value: --memory SIZE'],
    [['--memory', 'much', 'p'], "--memory: 'much' is not a size such as 64M"],
    [['--memory', '5G', 'p'], '--memory: 5G is not between 1M and 4G'],
    [['--stats=yes', 'p'], '--stats takes no value'],
    [['--quantum', '0', 'p'], '--quantum: must be at least 1'],
    [['--seed', '-1', 'p'], "--seed: '-1' is not a whole number"],
    [['--clock', 'sun', 'p'], "--clock: 'sun' is neither virtual nor host"],
    [['--env', 'A', 'p'], "--env: 'A' is not of the form NAME=VALUE"],
    [['--toString', 'p'], 'unknown option --toString'],
  ])('%j', (words, message) => {
    expect(() => parse(...words)).toThrow(expect.objectContaining({ message, status: 125 }));
  });

  test('each has a line of help that fits 100 columns', () => {
    const lines = describeOptions(RUN_OPTIONS).trimEnd().split('\n');
    expect(lines).toHaveLength(Object.keys(RUN_OPTIONS).length);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });
});
