/** System V interprocess communication: linux/ipc.h, linux/shm.h, linux/sem.h, linux/msg.h, asm-generic/ipcbuf.h, asm-generic/shmbuf.h. */
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

// ---- semaphores: linux/sem.h, asm/sembuf.h
export const SEM_GET_NAMES = { IPC_CREAT, IPC_EXCL } as const;
export const SEM_UNDO = 0x1000;
export const SEM_OP_NAMES = { IPC_NOWAIT, SEM_UNDO } as const;
export const GETPID = 11;
export const GETVAL = 12;
export const GETALL = 13;
export const GETNCNT = 14;
export const GETZCNT = 15;
export const SETVAL = 16;
export const SETALL = 17;
export const SEM_STAT = 18;
export const SEM_INFO = 19;
export const SEM_STAT_ANY = 20;
export const SEM_COMMAND_NAMES: Readonly<Record<number, string>> = {
  [IPC_RMID]: 'IPC_RMID', [IPC_SET]: 'IPC_SET', [IPC_STAT]: 'IPC_STAT', [IPC_INFO]: 'IPC_INFO', [GETPID]: 'GETPID',
  [GETVAL]: 'GETVAL', [GETALL]: 'GETALL', [GETNCNT]: 'GETNCNT', [GETZCNT]: 'GETZCNT', [SETVAL]: 'SETVAL',
  [SETALL]: 'SETALL', [SEM_STAT]: 'SEM_STAT', [SEM_INFO]: 'SEM_INFO', [SEM_STAT_ANY]: 'SEM_STAT_ANY',
}; // biome-ignore format: a table
/** struct sembuf: u16 sem_num, i16 sem_op, i16 sem_flg. */
export const SEMBUF_BYTES = 6;
/** struct semid64_ds: the permissions, then otime, a hole, ctime, a hole, nsems. */
export const SEMID_BYTES = 104;
export const SEMID_OTIME = 48;
export const SEMID_CTIME = 64;
export const SEMID_COUNT = 80;
/** struct seminfo: map, mni, mns, mnu, msl, opm, ume, usz, vmx, aem. */
export const SEMINFO_BYTES = 40;

// ---- message queues: linux/msg.h, asm-generic/msgbuf.h
export const MSG_NOERROR = 0o10000;
export const MSG_EXCEPT = 0o20000;
export const MSG_COPY = 0o40000;
export const MSG_FLAG_NAMES = { MSG_NOERROR, MSG_EXCEPT, MSG_COPY, IPC_NOWAIT } as const;
export const MSG_STAT = 11;
export const MSG_INFO = 12;
export const MSG_STAT_ANY = 13;
export const MSG_COMMAND_NAMES: Readonly<Record<number, string>> = {
  [IPC_RMID]: 'IPC_RMID', [IPC_SET]: 'IPC_SET', [IPC_STAT]: 'IPC_STAT', [IPC_INFO]: 'IPC_INFO', [MSG_STAT]: 'MSG_STAT',
  [MSG_INFO]: 'MSG_INFO', [MSG_STAT_ANY]: 'MSG_STAT_ANY',
}; // biome-ignore format: a table
/** struct msqid64_ds: the permissions, then stime, rtime, ctime, cbytes, qnum, qbytes, lspid and lrpid (32 bits each). */
export const MSQID_BYTES = 120;
export const MSQID_QBYTES = 88;
/** struct msginfo: pool, map, max, mnb, mni, ssz, tql (32 bits each), seg (16 bits). */
export const MSGINFO_BYTES = 32;
