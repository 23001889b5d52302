/** The C programs of test/linux, all in one executable, against what each printed on real Linux and how it ended there. */
import { describe, expect, test } from 'vitest';
import {
  type Behaviour,
  behaveAlike,
  hashSources,
  programNames,
  readExecutable,
  readExpected,
  readNotYet,
  runHere,
} from './linux/programs.ts';

const { programs, sources } = readExpected();
const notYet = readNotYet();
const executable = readExecutable();

/** For a readable difference: without pml4's messages. */
const behaviourOf = ({ ending, lines }: Behaviour): Behaviour => ({ ending, lines });

describe('prints and ends as on Linux', () => {
  test.each(Object.keys(programs).filter((name) => !Object.hasOwn(notYet, name)))('%s', async (name) => {
    expect(behaviourOf(await runHere(executable, [name]))).toEqual(programs[name]);
  });
});

test('what not-yet.json lists does not pass yet: `node test/linux/try.ts --update` writes it anew', async () => {
  for (const name of Object.keys(notYet)) {
    expect(programs).toHaveProperty([name]);
    const here = await runHere(executable, [name], 3).catch(() => undefined);
    expect(here !== undefined && behaveAlike(here, programs[name]), `${name} passes now`).toBe(false);
  }
});

test('the executable is built from the sources as they are: `npm run linux` builds it', () => {
  expect(Object.keys(programs)).toEqual(programNames);
  expect(hashSources()).toBe(sources);
});
