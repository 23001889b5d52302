/** System V interprocess communication: linux/ipc.h, linux/shm.h, asm-generic/ipcbuf.h, asm-generic/shmbuf.h. */
export const IPC_PRIVATE = 0;
export const IPC_CREAT = 0o1000;
export const IPC_EXCL = 0o2000;
export const IPC_NOWAIT = 0o4000;
export const IPC_RMID = 0;
export const IPC_SET = 1;
export const IPC_STAT = 2;
export const IPC_INFO = 3;
/** What old programs of other machines set in commands: the structures below. */
export const IPC_64 = 0x100;

export const SHM_HUGETLB = 0o4000;
export const SHM_NORESERVE = 0o10000;
export const SHM_GET_NAMES = { IPC_CREAT, IPC_EXCL, SHM_HUGETLB, SHM_NORESERVE } as const;
export const SHM_RDONLY = 0o10000;
export const SHM_RND = 0o20000;
export const SHM_REMAP = 0o40000;
export const SHM_EXEC = 0o100000;
export const SHM_AT_NAMES = { SHM_RDONLY, SHM_RND, SHM_REMAP, SHM_EXEC } as const;
export const SHM_LOCK = 11;
export const SHM_UNLOCK = 12;
export const SHM_STAT = 13;
export const SHM_INFO = 14;
export const SHM_STAT_ANY = 15;
export const SHM_COMMAND_NAMES: Readonly<Record<number, string>> = {
  [IPC_RMID]: 'IPC_RMID', [IPC_SET]: 'IPC_SET', [IPC_STAT]: 'IPC_STAT', [IPC_INFO]: 'IPC_INFO', [SHM_LOCK]: 'SHM_LOCK',
  [SHM_UNLOCK]: 'SHM_UNLOCK', [SHM_STAT]: 'SHM_STAT', [SHM_INFO]: 'SHM_INFO', [SHM_STAT_ANY]: 'SHM_STAT_ANY',
}; // biome-ignore format: a table
/** In the mode of a segment: it goes with its last attachment; it is locked in memory. */
export const SHM_DEST = 0o1000;
export const SHM_LOCKED = 0o2000;

/** struct ipc64_perm: key, uid, gid, cuid, cgid, mode (32 bits each), then seq. */
export const IPC_PERM_BYTES = 48;
export const IPC_PERM_UID = 4;
export const IPC_PERM_GID = 8;
export const IPC_PERM_MODE = 20;
export const IPC_PERM_SEQ = 24;

/** struct shmid64_ds: the permissions, then segsz, atime, dtime, ctime, cpid and lpid (32 bits each), nattch. */
export const SHMID_BYTES = 112;
export const SHMID_SIZE = 48;
export const SHMID_ATIME = 56;
export const SHMID_DTIME = 64;
export const SHMID_CTIME = 72;
export const SHMID_CPID = 80;
export const SHMID_LPID = 84;
export const SHMID_ATTACHED = 88;
/** struct shminfo64: max, min, mni, seg, all. */
export const SHMINFO_BYTES = 72;
/** struct shm_info: used_ids, then tot, rss, swp, swap_attempts, swap_successes. */
export const SHM_INFO_BYTES = 48;
