/**
 * Debian's own programs, dynamically linked, unmodified, on a machine whose `/` is that of the host: they print what they
 * print outside, and end the same way. What they change stays in the machine.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ASM_DIR } from '../../asm/programs.ts';
import { run } from '../../src/index.ts';

const env = { PATH: '/usr/bin:/bin', HOME: '/tmp', LANG: 'C' };

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pml4-real-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Each is run in a directory with its files, by `bash -c` where it is a text. */
interface Case {
  readonly what: string;
  readonly command: string | readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Seconds, where the usual ones are not enough. */
  readonly timeout?: number;
}

const HELLO_C = '#include <stdio.h>\nint main(void) { printf("hello %d\\n", 42); return 3; }\n';
const SHARED_PY = `import multiprocessing as mp
from multiprocessing import shared_memory
def square(name, i):
    s = shared_memory.SharedMemory(name=name); s.buf[i] = i * i; s.close()
if __name__ == '__main__':
    s = shared_memory.SharedMemory(create=True, size=16)
    ps = [mp.Process(target=square, args=(s.name, i)) for i in range(4)]
    [p.start() for p in ps]; [p.join() for p in ps]
    print(list(s.buf[:4]), [p.exitcode for p in ps]); s.close(); s.unlink()
`;

const CASES: readonly Case[] = [
  { what: 'ls', command: ['/usr/bin/ls', '-1', '/usr/share/common-licenses'] },
  {
    what: 'bash: pipes, loops, substitution',
    command: `echo hi | tr a-z A-Z; for i in 1 2 3; do echo $i; done | sort -r | head -2; x=$(echo sub); echo "$x"
      cat <<< here; seq 5 | while read a; do echo -n "$a "; done; echo; (exit 3); echo $?; f() { local x=1; echo $((x + $1)); }; f 4
      a=(1 2 3); echo \${a[@]:1} \${#a[@]}; [[ abc =~ b(.) ]] && echo \${BASH_REMATCH[1]}; cat <(echo process); trap "echo bye" EXIT`,
  },
  {
    what: 'bash: jobs and signals',
    command: `set -m; sleep 0.1 & wait %1; echo $?; (trap "echo term" TERM; kill $BASHPID; echo after); kill -l 9
      sleep 5 & kill -STOP %1; kill -KILL %1; wait %1; echo $?; timeout 0.2 sleep 5; echo $?; read -t 0.1 x < <(sleep 1); echo $?`,
  },
  {
    what: 'coreutils',
    command: `seq 100 > s; sort -rn s | head -3; split -l 30 s p_; ls p_*; cat p_* | cmp - s && echo same; tail -n 2 s
      cut -c1 s | uniq -c | sort -k1,1n | tail -2; od -c s | head -2; md5sum s; sha256sum s; touch -d 2020-01-01Z s; stat -c "%s %Y %A" s
      cp -a s s2; ln s s3; ln -s s s4; readlink s4; ls -i s s3 | awk '{print $1}' | uniq | wc -l; chmod 600 s; stat -c %a s3
      mkfifo ff; (echo through > ff &); cat ff; tee t1 < s2 | wc -l; factor 360; base64 s2 | head -1; date -u -d @0; env -i A=b env
      nice -n 5 nice; truncate -s 5 s2; wc -c s2; du -b s2; find . -name "p_*" | sort; df . > /dev/null && echo df`,
  },
  {
    what: 'busybox',
    command: ['/usr/bin/busybox', 'sh', '-c', 'echo hi; echo $((3*4)); seq 3 | sort -r; ls /etc/passwd'],
  },
  {
    what: 'sqlite3 with mmap_size',
    command: `sqlite3 a.db "pragma mmap_size=268435456; create table t(a integer primary key, b text);
      with recursive c(x) as (select 1 union all select x+1 from c where x<1000) insert into t select x, hex(x*7) from c;
      select count(*), sum(length(b)) from t; pragma integrity_check; update t set b=b||1 where a%3=0; select sum(length(b)) from t;"`,
  },
  {
    what: "LMDB's tools",
    command: `mkdir l; printf 'VERSION=3\\nformat=print\\ntype=btree\\nHEADER=END\\n a\\n 1\\n b\\n 2\\nDATA=END\\n' | mdb_load l
      mdb_dump -p l; mdb_stat l; mdb_copy l - | wc -c`,
  },
  {
    what: 'perl',
    command: ['/usr/bin/perl', '-e', 'my %h=(a=>1,b=>2); print join(",", map {"$_=$h{$_}"} sort keys %h), "\\n"; print "ok\\n" if "foobar"=~/o+b/; print `echo sub`;'], // biome-ignore format: one line
  },
  {
    what: 'gawk',
    command: ['/usr/bin/gawk', 'BEGIN{for(i=0;i<5;i++) print i*i, sqrt(i); "echo x" | getline y; print y}'],
  },
  { what: 'bc', command: 'echo "scale=20; 4*a(1)" | bc -l' },
  { what: 'xz', command: 'seq 1000 | xz -9 | xz -d | md5sum' },
  {
    what: 'nasm and ld build the demo, which runs',
    command: 'nasm -f elf64 -o d.o "$0" 2> /dev/null; ld d.o -o d; ./d; echo $?; md5sum d.o d',
    timeout: 120,
  },
  { what: 'gcc', command: 'gcc -O1 -o h h.c && ./h; echo $?; md5sum h', files: { 'h.c': HELLO_C }, timeout: 300 },
  {
    what: 'python3 with multiprocessing and shared memory',
    command: ['/usr/bin/python3', 'shared.py'],
    files: { 'shared.py': SHARED_PY },
    timeout: 300,
  },
];

const DEMO = join(ASM_DIR, 'shared_memory_demo.asm');

test.each(CASES)('$what', { timeout: 400_000 }, async ({ command, files = {}, timeout = 100 }) => {
  const prepare = (): void => {
    for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  };
  const [program, ...args] = typeof command === 'string' ? ['/usr/bin/bash', '-c', command, DEMO] : command;
  prepare();
  const native = spawnSync(program, args, { cwd: dir, env, encoding: 'latin1', input: '' });
  prepare();
  const before = readdirSync(dir);
  const result = await run(program, {
    root: '/',
    cwd: dir,
    env,
    args,
    timeout,
    recordSyscalls: false,
    recordFrames: false,
  });
  expect(result.diagnostics).toEqual([]);
  expect(result.stdout.split('\n')).toEqual(native.stdout.split('\n'));
  expect([result.outcome, result.status]).toEqual(['exited', native.status]);
  expect(readdirSync(dir)).toEqual(before);
});
