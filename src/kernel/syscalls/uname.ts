/** uname(2). */

import { EPERM } from '../../abi/errno.ts';
import { UTSNAME_BYTES, UTSNAME_FIELD_BYTES } from '../../abi/structs.ts';
import { copyOut } from '../mm/user-memory.ts';
import { OS_RELEASE, OS_TYPE, OS_VERSION } from '../vfs/fs/proc/system.ts';
import { inBytes } from './args/memory.ts';
import { size32 } from './args/numbers.ts';
import { outUtsname } from './args/processes.ts';
import { syscall } from './define.ts';

/** sysname, nodename, release, version, machine, domainname. */
const FIELDS = [OS_TYPE, 'pml4', OS_RELEASE, OS_VERSION, 'x86_64', '(none)'];

export const uname = syscall({
  number: 63,
  name: 'uname',
  args: { name: outUtsname },
  support: 'full',
  run(task, { name }) {
    const bytes = new Uint8Array(UTSNAME_BYTES);
    for (const [i, field] of FIELDS.entries()) bytes.set(new TextEncoder().encode(field), i * UTSNAME_FIELD_BYTES);
    return copyOut(task.mm, name, bytes) ?? 0;
  },
});

const refused = (number: number, name: string) =>
  syscall({ number, name, args: { name: inBytes, length: size32 }, support: 'full', run: () => EPERM });

/** sethostname(2), setdomainname(2). EPERM: for lack of CAP_SYS_ADMIN. */
export const sethostname = refused(170, 'sethostname');
export const setdomainname = refused(171, 'setdomainname');
