/**
 * Makes the traces of two runs comparable: strace(1)'s of real Linux and pml4's. What the kernel is free to choose gets
 * a name, and what depends on scheduling goes away:
 *
 * - Pids become places in the family: 1 is the first process, 1.1 its first child, 1.2.1 the first child of its second
 *   child. A pid outside it (whoever adopts orphans) becomes `reaper`. Lines are grouped by process.
 * - Results of mmap become mmap1, mmap2, ... (of a child: 1.1.mmap1, ...), addresses inside `mmap1+0x1000`, also in
 *   children and after munmap; those of shmat shmat1, ...; the heap's start becomes `brk`; addresses of the stack
 *   `stack`. Addresses of the program file, and those that a program asks for below 4 GiB, stay.
 * - `<unfinished ...>` and `<... resumed>` are joined, alignment before ` = ` goes, as does `(core dumped)`.
 * - sched_yield and nanosleep are dropped: a polling loop calls them as often as it likes. Calls that repeat the line
 *   before them (polling getppid) are dropped for the same reason.
 * - SIGCHLD lines are dropped: at which call an ignored signal reaches the parent is a matter of timing; so are forks
 *   that it interrupted, and strace's own remarks (`strace: Process N attached`).
 * - In execve, the path keeps its last component, and the environment's address and size go.
 */

const PREFIX = /^(?:\[pid +(\d+)\] +|(\d+) +)?(.*)$/;
const FORKS = /^(?:fork|vfork|clone|clone3)\(.*\) += (\d+)$/;
/** Also of a call whose line was interrupted. */
const FORK_RESULTS = /(?:fork|vfork|clone|clone3)(?:\(| resumed>).*\) += (\d+)$/gm;
const DROPPED = /^(?:sched_yield|nanosleep)\(|^--- SIGCHLD |^fork\(\) += \? ERESTARTNOINTR /;

export function normaliseStrace(text: string): string {
  const lines = attribute(text);
  const places = familyPlaces(lines);
  const names = new Map<string, AddressNames>();
  const namesOf = (place: string): AddressNames => {
    const parent = place.includes('.') ? namesOf(place.slice(0, place.lastIndexOf('.'))) : undefined;
    const own = names.get(place) ?? new AddressNames(place === '1' ? '' : `${place}.`, parent);
    names.set(place, own);
    return own;
  };
  const byPlace = new Map<string, string[]>();
  for (const { pid, line } of lines) {
    const place = places.get(pid) ?? `unknown ${pid}`;
    namesOf(place).learn(line);
    const out = byPlace.get(place) ?? [];
    byPlace.set(place, out);
    if (DROPPED.test(line)) continue;
    const clean = normaliseLine(line, places, namesOf(place));
    if (clean !== out.at(-1)) out.push(clean);
  }
  return [...byPlace]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([place, out]) => `process ${place}\n${out.map((line) => `  ${line}\n`).join('')}`)
    .join('');
}

interface Line {
  readonly pid: number;
  readonly line: string;
}

/** The first process's pid where no line says it. */
const UNNAMED = -1;

/** Gives each line its process and joins calls that were interrupted by lines of others. */
function attribute(text: string): Line[] {
  const lines: Line[] = [];
  const pending = new Map<number, string>();
  const alive = new Set<number>([UNNAMED]);
  const children = new Set([...text.matchAll(FORK_RESULTS)].map(([, pid]) => Number(pid)));
  let first = UNNAMED;
  for (const raw of text.split('\n')) {
    if (raw === '' || raw.startsWith('strace: ')) continue;
    const [, bracketed, plain, rest] = PREFIX.exec(raw)!;
    let pid = first;
    if (bracketed ?? plain) {
      pid = Number(bracketed ?? plain);
      if (first === UNNAMED && !children.has(pid)) {
        alive.delete(UNNAMED);
        first = pid;
        for (const [i, line] of lines.entries()) if (line.pid === UNNAMED) lines[i] = { pid, line: line.line };
        const open = pending.get(UNNAMED);
        if (open !== undefined) pending.set(pid, open);
      }
    } else if (alive.size === 1) {
      pid = [...alive][0];
    }
    alive.add(pid);
    let line = rest.trim();
    if (line.endsWith('<unfinished ...>')) {
      pending.set(pid, line.slice(0, -' <unfinished ...>'.length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(line);
    if (resumed) {
      line = (pending.get(pid) ?? '') + resumed[1];
      pending.delete(pid);
    }
    const child = FORKS.exec(line)?.[1];
    if (child !== undefined) alive.add(Number(child));
    if (line.startsWith('+++ ')) alive.delete(pid);
    lines.push({ pid, line });
  }
  return lines;
}

/** pid -> place. A child's place comes from the order of its parent's forks, whoever was traced first. */
function familyPlaces(lines: readonly Line[]): Map<number, string> {
  const places = new Map<number, string>();
  if (lines.length === 0) return places;
  const childrenOf = new Map<number, number[]>();
  for (const { pid, line } of lines) {
    const child = FORKS.exec(line)?.[1];
    if (child !== undefined) childrenOf.set(pid, [...(childrenOf.get(pid) ?? []), Number(child)]);
  }
  const name = (pid: number, place: string): void => {
    places.set(pid, place);
    for (const [i, child] of (childrenOf.get(pid) ?? []).entries()) name(child, `${place}.${i + 1}`);
  };
  name(lines[0].pid, '1');
  // A process that has always been alone has no pid in front of its lines, but may have asked for it.
  for (const { pid, line } of lines) {
    const own = /^(?:getpid\(\)|set_tid_address\(.*\)) += (\d+)$/.exec(line)?.[1];
    if (pid === UNNAMED && own !== undefined) places.set(Number(own), '1');
  }
  return places;
}

function normaliseLine(line: string, places: ReadonlyMap<number, string>, names: AddressNames): string {
  const placeOf = (pid: string): string => places.get(Number(pid)) ?? 'reaper';
  let out = line
    .replace(/\) +(= [^"]*)$/, ') $1')
    .replace(' (core dumped)', '')
    .replace(/^execve\("(?:[^"]*\/)?([^"]*)", \["(?:[^"]*\/)?([^"]*)"(.*)\], .*\) = 0$/, 'execve("$1", ["$2"$3]) = 0');
  if (/^(?:fork|vfork|clone|clone3|getpid|gettid|getppid|wait4|set_tid_address)\(/.test(out))
    out = out.replace(/= (\d+)$/, (_all, pid: string) => `= <${placeOf(pid)}>`);
  if (/^(?:kill|wait4)\(/.test(out))
    out = out.replace(/^(\w+)\((\d+),/, (_all, call: string, pid: string) => `${call}(${pidWord(pid, places)},`);
  out = out
    .replace(/si_pid=(\d+), si_uid=\d+/, (_all, pid: string) => `si_pid=<${placeOf(pid)}>`)
    .replace(/parent_tid=\[(\d+)\]/, (_all, pid: string) => `parent_tid=[<${placeOf(pid)}>]`);
  return out.replace(/0x[0-9a-f]+/g, (digits) => names.describe(BigInt(digits)) ?? digits);
}

/** A pid argument that is no pid of the family stays what it is. */
function pidWord(pid: string, places: ReadonlyMap<number, string>): string {
  const place = places.get(Number(pid));
  return place === undefined ? pid : `<${place}>`;
}

/** Where the kernel put things for one process, learnt from its calls as they go by; the parent's things are there, too. */
class AddressNames {
  private readonly _prefix: string;
  private readonly _parent: AddressNames | undefined;
  private readonly _areas: { name: string; start: bigint; end: bigint }[] = [];
  private _brk: bigint | undefined;

  constructor(prefix: string, parent: AddressNames | undefined) {
    this._prefix = prefix;
    this._parent = parent;
  }

  learn(line: string): void {
    const mapped = /^mmap\((NULL|0x[0-9a-f]+), (\d+), .*\) += (0x[0-9a-f]+)$/.exec(line);
    const asAsked = mapped?.[1] === mapped?.[3] && Number(mapped?.[1]) < 2 ** 32;
    if (mapped && !asAsked) this._add('mmap', BigInt(mapped[3]), BigInt(mapped[2]));
    const attached = /^shmat\(.*\) += (0x[0-9a-f]+)$/.exec(line);
    if (attached) this._add('shmat', BigInt(attached[1]), 4096n);
    const heap = /^brk\(NULL\) += (0x[0-9a-f]+)$/.exec(line);
    if (heap) this._brk ??= BigInt(heap[1]);
  }

  private _add(call: string, start: bigint, length: bigint): void {
    this._areas.push({ name: `${this._prefix}${call}${this._areas.length + 1}`, start, end: start + length });
  }

  describe(address: bigint): string | undefined {
    const known = this._find(address);
    if (known !== undefined) return known;
    if (address >= 0x7ff0_0000_0000n && address < 0x8000_0000_0000n) return 'stack';
    return undefined;
  }

  private _find(address: bigint): string | undefined {
    if (this._brk !== undefined && address >= this._brk && address < this._brk + (1n << 30n))
      return offset('brk', address - this._brk);
    const area = this._areas.findLast(({ start, end }) => address >= start && address < end);
    if (area) return offset(area.name, address - area.start);
    return this._parent === undefined ? undefined : this._parent._find(address);
  }
}

const offset = (name: string, by: bigint): string => (by === 0n ? `<${name}>` : `<${name}+0x${by.toString(16)}>`);

/** How each process of a normalised or raw trace ended, by its place in the family. */
export function processEndings(text: string): Record<string, { exit: number } | { signal: string }> {
  const endings: Record<string, { exit: number } | { signal: string }> = {};
  const lines = attribute(text);
  const places = familyPlaces(lines);
  for (const { pid, line } of lines) {
    const place = places.get(pid) ?? String(pid);
    const exited = /^\+\+\+ exited with (\d+) \+\+\+$/.exec(line);
    const killed = /^\+\+\+ killed by (SIG\w+)/.exec(line);
    if (exited) endings[place] = { exit: Number(exited[1]) };
    if (killed) endings[place] = { signal: killed[1] };
  }
  return Object.fromEntries(Object.entries(endings).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));
}
