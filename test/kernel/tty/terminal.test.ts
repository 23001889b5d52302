/** A machine with a terminal: what is typed, what is shown, who gets the signals. Stories of bare processes. */
import { expect, test } from 'vitest';
import { CapturingConsole } from '../../../src/machine/console.ts';
import { ScriptedTerminal } from '../../../src/machine/scripted-terminal.ts';
import { PAGE, PRIVATE_ANON, RW } from '../../helpers/bare-process.ts';
import { guestMemory } from '../../helpers/guest-memory.ts';
import { type Program, story, sys } from '../../helpers/story.ts';

const [TCGETS, TCSETS, TIOCGPGRP, TIOCSPGRP, TIOCGWINSZ, TIOCGSID, TIOCNOTTY] = [0x5401, 0x5402, 0x540f, 0x5410, 0x5413, 0x5429, 0x5422]; // biome-ignore format: a list
const [EIO, ENOTTY, ENXIO] = [-5, -25, -6];

type Memory = ReturnType<typeof guestMemory>;

/** What the program noted, and what the terminal showed. */
function play(stdin: string, program: (page: bigint, memory: Memory, note: (...values: unknown[]) => void) => Program) {
  const noted: unknown[][] = [];
  const console = new CapturingConsole({});
  const terminal = new ScriptedTerminal({ columns: 100, rows: 30 }, stdin, console);
  const played = story(
    function* () {
      const page = BigInt(yield sys.call('mmap', 0, 4n * PAGE, RW, PRIVATE_ANON, -1, 0));
      yield* program(page, memory, (...values) => noted.push(values))();
    },
    undefined,
    { terminal },
  );
  const memory = guestMemory(() => played.kernel.current!.mm);
  const stop = played.play();
  return { stop, noted, shown: new TextDecoder().decode(console.written(1)), played };
}

function* readLine(page: bigint, memory: Memory): Generator<ReturnType<typeof sys.call>, string | number, number> {
  const count: number = yield sys.call('read', 0, page, 100);
  return count < 0 ? count : memory.text(page, count);
}

test('lines are typed as they are read, echoed and edited; the end is typed, too', () => {
  const { stop, noted, shown } = play(
    'one\ntwx\x7fo\n',
    (page, memory, note) =>
      function* () {
        for (let i = 0; i < 4; i++) note(yield* readLine(page, memory));
        memory.put(page, 'bye\n');
        yield sys.call('write', 2, page, 4);
        yield sys.exit(0);
      },
  );
  expect(stop).toBe('finished');
  expect(noted.flat()).toEqual(['one\n', 'two\n', '', '']);
  expect(shown).toBe('one\r\ntwx\b \bo\r\nbye\r\n');
});

test('it is the terminal of the first session: size, group, session, settings', () => {
  const { noted } = play(
    '',
    (page, memory, note) =>
      function* () {
        note(yield sys.call('ioctl', 0, TIOCGWINSZ, page), memory.i32(page) & 0xffff, memory.i32(page) >>> 16);
        note(yield sys.call('ioctl', 1, TIOCGPGRP, page), memory.i32(page));
        note(yield sys.call('ioctl', 2, TIOCGSID, page), memory.i32(page));
        note(yield sys.call('ioctl', 0, TCGETS, page), memory.i32(page), memory.i32(page + 12n) & 0xffff);
        memory.putI32(page + 12n, 0);
        note(yield sys.call('ioctl', 0, TCSETS, page), yield sys.call('ioctl', 0, 0x1234, 0));
        // Who gives it up gets SIGHUP.
        memory.putU64(page, 1);
        yield sys.call('rt_sigprocmask', 0, page, 0, 8);
        memory.put(page, '/dev/tty\0');
        const fd = yield sys.call('open', page, 2, 0);
        note(fd, yield sys.call('ioctl', 0, TIOCNOTTY, 0), yield sys.call('ioctl', fd, TIOCGPGRP, page));
        memory.put(page, '/dev/tty\0');
        note(yield sys.call('open', page, 2, 0));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([[0, 30, 100], [0, 100], [0, 100], [0, 0o2400, 0o105073], [0, ENOTTY], [3, 0, ENOTTY], [ENXIO]]); // biome-ignore format: pairs
});

test('Ctrl-C goes to the foreground group alone; reading from the background stops or fails', () => {
  const { noted, shown, played } = play(
    '\x03',
    (page, memory, note) =>
      function* () {
        const child = yield sys.fork(function* () {
          yield sys.call('setpgid', 0, 0);
          // SIGTTIN is blocked: it does not stop, so reading fails.
          memory.putU64(page + 200n, 1 << 20);
          yield sys.call('rt_sigprocmask', 0, page + 200n, 0, 8);
          const got = yield* readLine(page, memory);
          yield sys.exit(got === EIO ? 3 : 4);
        });
        note(yield sys.call('wait4', child, page, 0, 0), memory.i32(page) >> 8);
        const victim = yield sys.fork(function* () {
          yield sys.call('setpgid', 0, 0);
          yield sys.work(5000);
          yield* readLine(page, memory);
          yield sys.exit(4);
        });
        yield sys.call('setpgid', victim, victim);
        memory.putI32(page, victim);
        note(yield sys.call('ioctl', 0, TIOCSPGRP, page));
        note(yield sys.call('wait4', victim, page, 0, 0), memory.i32(page) & 0x7f);
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([[101, 3], [0], [102, 2]]);
  expect(shown).toBe('^C');
  expect(played.kernel.processes()).toEqual([]);
});
