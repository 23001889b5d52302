/** Links: what is written is read again, and what somebody else has written is refused with one line. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/base/invariant.ts';
import { formatLink, type Link, parseLink } from '../../../src/web/app/share/link.ts';

const NONE = {
  args: undefined,
  env: undefined,
  stdin: undefined,
  seed: undefined,
  quantum: undefined,
  isPrivate: false,
  typed: undefined,
  position: undefined,
  tid: undefined,
  address: undefined,
  isEmbedded: false,
  show: undefined,
};

test('can be read by a person', () => {
  const link: Link = {
    program: { kind: 'program', name: 'shm_demo' },
    seed: 7,
    position: { instruction: 200_000_042, event: 18 },
    tid: 101,
    address: 0x7ffff7ffe000n,
  };
  const text = 'v=1&program=shm_demo&seed=7&at=200000042.18&tid=101&address=0x7ffff7ffe000';
  expect(formatLink(link)).toBe(text);
  expect(parseLink(`#${text}`)).toEqual({ ...NONE, ...link });
});

test('nothing to say is nothing', () => {
  expect(formatLink({ program: undefined })).toBe('');
  expect(parseLink('')).toEqual({ program: undefined });
  expect(parseLink('#')).toEqual({ program: undefined });
});

test('no arguments is something else than the usual ones', () => {
  const program = { kind: 'program', name: 'arguments' } as const;
  expect(parseLink(formatLink({ program, args: [] }))).toMatchObject({ args: [] });
  expect(parseLink(formatLink({ program }))).toMatchObject({ args: undefined });
});

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => /^[^\p{Cc}/]{1,80}$/u.test(text));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const packed = fc.string({ unit: fc.constantFrom(...'azAZ09_-'), minLength: 1, maxLength: 50 });
const program = fc.oneof(
  fc.record({ kind: fc.constantFrom('program' as const, 'given' as const), name }),
  fc.record({ kind: fc.constant('lesson' as const), name, step: maybe(fc.integer({ min: 1 })) }),
  fc.record({ kind: fc.constant('elf' as const), name, packed, source: maybe(fc.record({ name, packed })) }),
);
const position = fc.record({ instruction: fc.maxSafeNat(), event: fc.nat() });
/** One empty argument cannot be told from none, which is what it reads as. */
const args = fc
  .array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 4 })
  .filter((words) => words.length !== 1 || words[0] !== '');

test('what is written is read again', () => {
  const link = fc.record({
    program,
    args: maybe(args),
    env: maybe(
      fc.dictionary(fc.stringMatching(/^[A-Z_]{1,9}$/), fc.string({ unit: 'grapheme' }), {
        minKeys: 1,
        noNullPrototype: true,
      }),
    ),
    stdin: maybe(fc.string({ unit: 'grapheme' })),
    seed: maybe(fc.maxSafeNat()),
    quantum: maybe(fc.integer({ min: 1 })),
    isPrivate: fc.boolean(),
    typed: maybe(fc.array(fc.record({ position, text: fc.string({ unit: 'grapheme' }) }), { minLength: 1 })),
    position: maybe(position),
    tid: maybe(fc.integer({ min: 1 })),
    address: maybe(fc.bigInt({ min: 0n, max: 0x7fff_ffff_ffffn })),
    isEmbedded: fc.boolean(),
    show: maybe(fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 4 })),
  });
  fc.assert(fc.property(link, (given) => void expect(parseLink(formatLink(given))).toEqual(given)));
});

test('what is written is part of a URL as it is', () => {
  fc.assert(
    fc.property(fc.record({ program, args: maybe(args) }), (given) => {
      const text = formatLink(given);
      expect(new URL(`http://localhost/#${text}`).hash).toBe(`#${text}`);
    }),
  );
});

test('any text is a link or one line that says why not', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('v=1', 'v=2', 'program=', 'program=a', 'elf=a', 'at=1', 'at=1.2', 'address=0x', '%', 'seed=-1'),
  );
  fc.assert(
    fc.property(fc.array(word), (words) => {
      try {
        parseLink(words.join('&'));
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        expect((error as UsageError).message).toMatch(/^the .{1,130}$/s);
      }
    }),
  );
});

describe('refused', () => {
  test.each([
    ['program=shm_demo', "the link does not begin with 'v=1': it is none of pml4's"],
    ['v=2&program=shm_demo', "the link is of version '2'; this page knows version 1"],
    ['v=1&programm=shm_demo', "the link has an unknown word 'programm'"],
    ['v=1&program=a&lesson=b', "the link names two programs: 'program' and 'lesson'"],
    ['v=1&seed=1&seed=2', "the link says 'seed' twice"],
    ['v=1&program=../../etc/passwd', "the link has '../../etc/passwd' where a name should be"],
    ['v=1&program=http://example.com/x', "the link has 'http://example.com/x' where a name should be"],
    ['v=1&program=', "the link has '' where a name should be"],
    ['v=1&program=%ff', "the link has a % in '%ff' that means nothing"],
    ['v=1&seed=1e3', "the link's seed '1e3' is not a whole number"],
    ['v=1&tid=0', "the link's tid '0' is not a whole number of at least 1"],
    ['v=1&at=12', "the link's position '12' is not INSTRUCTION.EVENT"],
    ['v=1&at=99999999999999999999.1', "the link's position '99999999999999999999' is not a whole number"],
    ['v=1&address=4096', "the link's address '4096' is not 0x and hexadecimal digits"],
    ['v=1&address=0xffff800000000000', "the link's address 0xffff800000000000 is not one of a program"],
    ['v=1&env=PATH', "the link's env 'PATH' is not NAME=VALUE"],
    ['v=1&typed=hello', "the link's input 'hello' is not INSTRUCTION.EVENT:TEXT"],
    ['v=1&typed=1:a', "the link's position '1' is not INSTRUCTION.EVENT"],
    ['v=1&elf=ab&source=ab', "the link has '' where a name should be"],
    ['v=1&elf=a+b', "the program in the link is damaged: 'a+b'"],
    [`v=1&seed=${'x'.repeat(100)}`, `the link's seed '${'x'.repeat(40)}...' is not a whole number`],
  ])('%s', (text, message) => expect(() => parseLink(text)).toThrow(new UsageError(message)));
});
