/** Arguments of System V calls: strace's src/ipc_shmctl.c and its neighbours. */
import {
  IPC_64, IPC_INFO, IPC_PERM_MODE, IPC_SET, IPC_STAT, MSG_COMMAND_NAMES, MSG_FLAG_NAMES, SEM_COMMAND_NAMES,
  SEM_GET_NAMES, SEM_OP_NAMES, SEMBUF_BYTES, SHM_AT_NAMES, SHM_COMMAND_NAMES, SHM_GET_NAMES, SHM_INFO,
  SHM_INFO_BYTES, SHM_STAT, SHM_STAT_ANY, SHMID_BYTES, SHMINFO_BYTES,
} from '../../../abi/ipc.ts'; // biome-ignore format: a list
import { hex } from '../../../base/ints.ts';
import type { CallView } from '../define.ts';
import { failed, i32, input, output, u32, viewOf } from './kind.ts';
import { flagParts, flagsText, LIST_ITEMS, pointer } from './text.ts';

export const ipcKey = i32((key) => (key === 0 ? 'IPC_PRIVATE' : hex(key >>> 0)));
/** Flags, and the permissions in octal. */
export const getFlags = (names: Readonly<Record<string, number>>) =>
  u32((flags) => {
    const parts = flagParts((flags & ~0o777) >>> 0, names);
    return [...parts, octal(flags & 0o777)].join('|');
  });
export const shmGetFlags = getFlags(SHM_GET_NAMES);
export const shmAtFlags = u32((flags) => flagsText(flags, SHM_AT_NAMES, 'SHM_???'));
export const ipcCommand = (names: Readonly<Record<number, string>>, unknown: string) =>
  i32((command) => {
    const name = names[command & ~IPC_64];
    const prefix = command & IPC_64 ? 'IPC_64|' : '';
    return prefix + (name ?? `${hex((command & ~IPC_64) >>> 0)} /* ${unknown} */`);
  });
export const shmCommand = ipcCommand(SHM_COMMAND_NAMES, 'SHM_???');

/** What shmctl(2) stores or reads, by the command before it. */
export const shmStatus = output((address, call) => {
  const command = Number(call.args.command) & ~IPC_64;
  const read = (length: number) => (address === 0n ? undefined : call.peek(address, length));
  if (command === IPC_SET) {
    const bytes = read(SHMID_BYTES);
    return bytes === undefined ? pointer(address) : `{shm_perm={${ownerText(bytes)}}}`;
  }
  if (failed(call)) return pointer(address);
  if (command === IPC_STAT || command === SHM_STAT || command === SHM_STAT_ANY) return structText(address, call);
  const word = (bytes: Uint8Array, i: number) => String(viewOf(bytes).getBigUint64(i * 8, true));
  if (command === IPC_INFO) {
    const bytes = read(SHMINFO_BYTES);
    const names = ['shmmax', 'shmmin', 'shmmni', 'shmseg', 'shmall'];
    return bytes === undefined
      ? pointer(address)
      : `{${names.map((name, i) => `${name}=${word(bytes, i)}`).join(', ')}}`;
  }
  if (command === SHM_INFO) {
    const bytes = read(SHM_INFO_BYTES);
    const names = ['used_ids', 'shm_tot', 'shm_rss', 'shm_swp', 'swap_attempts', 'swap_successes'];
    return bytes === undefined
      ? pointer(address)
      : `{${names.map((name, i) => `${name}=${word(bytes, i)}`).join(', ')}}`;
  }
  return pointer(address);
});

function structText(address: bigint, call: CallView): string {
  const bytes = call.peek(address, SHMID_BYTES);
  if (bytes === undefined) return pointer(address);
  const view = viewOf(bytes);
  const fields = [
    `shm_perm={${permissionsText(bytes)}}`,
    `shm_segsz=${view.getBigUint64(48, true)}`,
    `shm_cpid=${view.getInt32(80, true)}`,
    `shm_lpid=${view.getInt32(84, true)}`,
    `shm_nattch=${view.getBigUint64(88, true)}`,
    `shm_atime=${view.getBigInt64(56, true)}`,
    `shm_dtime=${view.getBigInt64(64, true)}`,
    `shm_ctime=${view.getBigInt64(72, true)}`,
  ];
  return `{${fields.join(', ')}}`;
}

/** `uid=1000, gid=1000, mode=0600`. */
function ownerText(bytes: Uint8Array): string {
  const view = viewOf(bytes);
  const mode = view.getUint32(IPC_PERM_MODE, true);
  return `uid=${view.getUint32(4, true)}, gid=${view.getUint32(8, true)}, mode=${octal(mode)}`;
}

export function permissionsText(bytes: Uint8Array): string {
  const view = viewOf(bytes);
  const creator = `cuid=${view.getUint32(12, true)}, cgid=${view.getUint32(16, true)}`;
  return `${ownerText(bytes)}, key=${view.getInt32(0, true)}, ${creator}`;
}

/** As strace(1) has modes: at least three digits after a zero. */
const octal = (mode: number): string => `0${mode.toString(8).padStart(mode === 0 ? 2 : 3, '0')}`;

export const semGetFlags = getFlags(SEM_GET_NAMES);
export const semCommand = ipcCommand(SEM_COMMAND_NAMES, 'SEM_???');
export const msgCommand = ipcCommand(MSG_COMMAND_NAMES, 'MSG_???');
export const msgFlags = u32((flags) => flagsText(flags, MSG_FLAG_NAMES, 'MSG_???'));
/** struct sembuf[]; their number is the next argument. */
export const inSemaphoreOps = input((address, { peek }, count) => {
  const bytes = address === 0n || count > 500n ? undefined : peek(address, Number(count) * SEMBUF_BYTES);
  if (bytes === undefined) return pointer(address);
  const view = viewOf(bytes);
  const items = Array.from({ length: Math.min(Number(count), LIST_ITEMS) }, (_, i) => {
    const at = i * SEMBUF_BYTES;
    const flags = flagsText(view.getUint16(at + 4, true), SEM_OP_NAMES, 'SEM_???');
    return `{sem_num=${view.getUint16(at, true)}, sem_op=${view.getInt16(at + 2, true)}, sem_flg=${flags}}`;
  });
  return `[${items.join(', ')}${count > BigInt(LIST_ITEMS) ? ', ...' : ''}]`;
});
