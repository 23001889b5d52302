/** inotify(7): events recorded on Linux 6.18. */
import { expect, test } from 'vitest';
import { playNoted } from '../helpers/memory-story.ts';
import { sys } from '../helpers/story.ts';

const [O_WRONLY, O_CREAT, O_NONBLOCK, CWD] = [1, 0x40, 0x800, -100];
const [EAGAIN, EINVAL, ENOENT] = [-11, -22, -2];

test('names that come, go and move; contents; the end of a file', () => {
  const { noted } = playNoted(
    (page, memory, note) =>
      function* () {
        const text = (at: bigint, path: string): bigint => {
          memory.put(at, `${path}\0`);
          return at;
        };
        const [first, second] = [page + 256n, page + 320n];
        const inotify = yield sys.call('inotify_init1', O_NONBLOCK);
        const read = function* (): Generator<ReturnType<typeof sys.call>, unknown, number> {
          const count = yield sys.call('read', inotify, page + 1024n, 4096);
          if (count < 0) return count;
          const events: string[] = [];
          const view = memory.view(page + 1024n, count);
          for (let at = 0; at < count; at += 16 + view.getUint32(at + 12, true)) {
            const name = memory.text(page + 1024n + BigInt(at + 16), view.getUint32(at + 12, true)).replace(/\0+$/, '');
            const cookie = view.getUint32(at + 8, true) > 0 ? ' moved' : '';
            events.push(`${view.getInt32(at, true)} ${view.getUint32(at + 4, true).toString(16)} ${name}${cookie}`);
          }
          return events;
        };
        note('watch', yield sys.call('inotify_add_watch', inotify, text(first, '/tmp'), 0xfff), yield* read());
        const file = yield sys.call('open', text(first, '/tmp/a'), O_CREAT | O_WRONLY, 0o600);
        yield sys.call('write', file, page, 1);
        yield sys.call('write', file, page, 1);
        yield sys.call('close', file);
        note('file', yield* read());
        yield sys.call('mkdir', text(first, '/tmp/d'), 0o700);
        yield sys.call('rename', text(first, '/tmp/a'), text(second, '/tmp/b'));
        yield sys.call('rename', text(first, '/tmp/b'), text(second, '/tmp/d/c'));
        note('moves', yield* read());
        note('another', yield sys.call('inotify_add_watch', inotify, text(first, '/tmp/d/c'), 0x404));
        yield sys.call('unlinkat', CWD, text(first, '/tmp/d/c'), 0);
        yield sys.call('rmdir', text(first, '/tmp/d'));
        note('ends', yield* read());
        note('errors', yield sys.call('inotify_add_watch', inotify, text(first, '/tmp/d'), 1));
        note(
          yield sys.call('inotify_add_watch', inotify, text(first, '/tmp'), 0),
          yield sys.call('inotify_rm_watch', inotify, 9),
        );
        note(yield sys.call('inotify_rm_watch', inotify, 1), yield sys.call('read', inotify, page, 10), yield* read());
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['watch', 1, EAGAIN],
    ['file', ['1 100 a', '1 20 a', '1 2 a', '1 8 a']],
    ['moves', ['1 40000100 d', '1 40 a moved', '1 80 b moved', '1 40 b moved']],
    ['another', 2],
    ['ends', ['2 4 ', '2 400 ', '2 8000 ', '1 40000200 d']],
    ['errors', ENOENT],
    [EINVAL, EINVAL],
    [0, EINVAL, ['1 8000 ']],
  ]);
});
