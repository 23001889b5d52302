/** setuid(2), setreuid(2), setresuid(2), setfsuid(2), the same of groups, getresuid(2), getgroups(2), setgroups(2): kernel/sys.c. */
import { EFAULT, EINVAL, EPERM, Errno } from '../../abi/errno.ts';
import { copyIn, copyOut, writeU32 } from '../mm/user-memory.ts';
import { CAP_SETGID, CAP_SETUID, type Credentials, hasCapability } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import { inGroups, outGroups, outId, userId } from './args/credentials.ts';
import { int } from './args/numbers.ts';
import { type Syscall, syscall } from './define.ts';

/** The four numbers of a user, or of a group. */
interface Ids {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
  readonly file: number;
}
type Kind = 'uid' | 'gid';
const NONE = -1;
const NGROUPS_MAX = 65_536;

function idsOf(task: Task, kind: Kind): Ids {
  const { uid, euid, suid, fsuid, gid, egid, sgid, fsgid } = task.credentials;
  return kind === 'uid'
    ? { real: uid, effective: euid, saved: suid, file: fsuid }
    : { real: gid, effective: egid, saved: sgid, file: fsgid };
}

function setIds(task: Task, kind: Kind, { real, effective, saved, file }: Ids): void {
  const before = task.credentials;
  const changed: Partial<Credentials> =
    kind === 'uid'
      ? { uid: real, euid: effective, suid: saved, fsuid: file }
      : { gid: real, egid: effective, sgid: saved, fsgid: file };
  task.credentials = { ...before, ...changed };
  const now = task.credentials;
  // Who acts for somebody else from now on is not to be looked into.
  if (
    now.euid !== before.euid ||
    now.egid !== before.egid ||
    now.fsuid !== before.fsuid ||
    now.fsgid !== before.fsgid
  ) {
    task.process.dumpable = 0;
    task.parentDeathSignal = 0;
  }
}

const isPrivileged = (task: Task, kind: Kind): boolean =>
  hasCapability(task.credentials, kind === 'uid' ? CAP_SETUID : CAP_SETGID);

/** setuid(2). EINVAL: -1. EPERM: neither the real nor the saved one. */
const setId = (number: number, kind: Kind): Syscall =>
  syscall({
    number,
    name: `set${kind}`,
    args: { id: userId },
    support: 'full',
    run(task, { id: given }) {
      if (given === NONE) return EINVAL;
      const id = given >>> 0;
      const ids = idsOf(task, kind);
      if (isPrivileged(task, kind)) setIds(task, kind, { real: id, effective: id, saved: id, file: id });
      else if (id !== ids.real && id !== ids.saved) return EPERM;
      else setIds(task, kind, { ...ids, effective: id, file: id });
      return 0;
    },
  });

/** setreuid(2). EPERM: the real one may become the effective one, that also the saved one. */
const setRealId = (number: number, kind: Kind): Syscall =>
  syscall({
    number,
    name: `setre${kind}`,
    args: { real: userId, effective: userId },
    support: 'full',
    run(task, args) {
      const ids = idsOf(task, kind);
      const real = args.real === NONE ? ids.real : args.real >>> 0;
      const effective = args.effective === NONE ? ids.effective : args.effective >>> 0;
      if (!isPrivileged(task, kind)) {
        if (args.real !== NONE && real !== ids.real && real !== ids.effective) return EPERM;
        if (args.effective !== NONE && ![ids.real, ids.effective, ids.saved].includes(effective)) return EPERM;
      }
      const changes = args.real !== NONE || (args.effective !== NONE && effective !== ids.real);
      setIds(task, kind, { real, effective, saved: changes ? effective : ids.saved, file: effective });
      return 0;
    },
  });

/** setresuid(2). EPERM: each may only become one of the three. */
const setAllIds = (number: number, kind: Kind): Syscall =>
  syscall({
    number,
    name: `setres${kind}`,
    args: { real: userId, effective: userId, saved: userId },
    support: 'full',
    run(task, { real, effective, saved }) {
      const ids = idsOf(task, kind);
      const own = [ids.real, ids.effective, ids.saved];
      const wanted = [real, effective, saved].filter((id) => id !== NONE).map((id) => id >>> 0);
      if (!isPrivileged(task, kind) && wanted.some((id) => !own.includes(id))) return EPERM;
      const pick = (id: number, now: number): number => (id === NONE ? now : id >>> 0);
      const effectiveNow = pick(effective, ids.effective);
      setIds(task, kind, {
        real: pick(real, ids.real),
        effective: effectiveNow,
        saved: pick(saved, ids.saved),
        file: effectiveNow,
      });
      return 0;
    },
  });

/** getresuid(2). EFAULT. */
const getAllIds = (number: number, kind: Kind): Syscall =>
  syscall({
    number,
    name: `getres${kind}`,
    args: { real: outId, effective: outId, saved: outId },
    support: 'full',
    run(task, args) {
      const ids = idsOf(task, kind);
      const failed =
        writeU32(task.mm, args.real, ids.real) ??
        writeU32(task.mm, args.effective, ids.effective) ??
        writeU32(task.mm, args.saved, ids.saved);
      return failed ?? 0;
    },
  });

/** setfsuid(2): the result is what it was, whether it has changed or not. */
const setFileId = (number: number, kind: Kind): Syscall =>
  syscall({
    number,
    name: `setfs${kind}`,
    args: { id: userId },
    support: 'full',
    run(task, { id: given }) {
      const ids = idsOf(task, kind);
      const id = given >>> 0;
      const may = isPrivileged(task, kind) || [ids.real, ids.effective, ids.saved, ids.file].includes(id);
      if (given !== NONE && may) setIds(task, kind, { ...ids, file: id });
      return ids.file;
    },
  });

export const setuid = setId(105, 'uid');
export const setgid = setId(106, 'gid');
export const setreuid = setRealId(113, 'uid');
export const setregid = setRealId(114, 'gid');
export const setresuid = setAllIds(117, 'uid');
export const getresuid = getAllIds(118, 'uid');
export const setresgid = setAllIds(119, 'gid');
export const getresgid = getAllIds(120, 'gid');
export const setfsuid = setFileId(122, 'uid');
export const setfsgid = setFileId(123, 'gid');

/** getgroups(2): how many there are; with a size of 0 nothing is stored. EINVAL: there are more. EFAULT. */
export const getgroups = syscall({
  number: 115,
  name: 'getgroups',
  args: { size: int, list: outGroups },
  support: 'full',
  run(task, { size, list }) {
    if (size < 0) return EINVAL;
    const { groups } = task.credentials;
    if (size === 0) return groups.length;
    if (groups.length > size) return EINVAL;
    const bytes = new Uint8Array(Uint32Array.from(groups).buffer);
    return copyOut(task.mm, list, bytes) === undefined ? groups.length : EFAULT;
  },
});

/** setgroups(2). EPERM: for lack of CAP_SETGID. EINVAL: too many. EFAULT. */
export const setgroups = syscall({
  number: 116,
  name: 'setgroups',
  args: { size: int, list: inGroups },
  support: 'full',
  run(task, { size, list }) {
    if (!isPrivileged(task, 'gid')) return EPERM;
    if (size < 0 || size > NGROUPS_MAX) return EINVAL;
    const bytes = copyIn(task.mm, list, 4 * size);
    if (bytes instanceof Errno) return bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    task.credentials = {
      ...task.credentials,
      groups: Array.from({ length: size }, (_, i) => view.getUint32(4 * i, true)),
    };
    return 0;
  },
});
