/** Descriptors and open files: asm-generic/fcntl.h, linux/fcntl.h, linux/limits.h. */
export const O_ACCMODE = 3;
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0x40;
export const O_EXCL = 0x80;
export const O_NOCTTY = 0x100;
export const O_TRUNC = 0x200;
export const O_APPEND = 0x400;
export const O_LARGEFILE = 0x8000;
export const O_DIRECTORY = 0x1_0000;
export const O_NOFOLLOW = 0x2_0000;
export const O_PATH = 0x20_0000;
/** With O_DIRECTORY, which is part of it. */
export const O_TMPFILE = 0x41_0000;
export const O_NONBLOCK = 0x800;
export const O_DIRECT = 0x4000;
export const O_NOATIME = 0x4_0000;
export const O_CLOEXEC = 0x8_0000;
/** FASYNC in the kernel's headers, and in strace(1). */
export const O_ASYNC = 0x2000;

export const F_DUPFD = 0;
export const F_GETFD = 1;
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_DUPFD_CLOEXEC = 1030;
export const F_SETPIPE_SZ = 1031;
export const F_GETPIPE_SZ = 1032;
export const F_ADD_SEALS = 1033;
export const F_GET_SEALS = 1034;
export const F_SEAL_SEAL = 1;
export const F_SEAL_SHRINK = 2;
export const F_SEAL_GROW = 4;
export const F_SEAL_WRITE = 8;
export const F_SEAL_FUTURE_WRITE = 0x10;
export const F_SEAL_EXEC = 0x20;
export const SEAL_NAMES = {
  F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE, F_SEAL_FUTURE_WRITE, F_SEAL_EXEC,
} as const; // biome-ignore format: a list
/** Of memfd_create(2): linux/memfd.h. */
export const MFD_CLOEXEC = 1;
export const MFD_ALLOW_SEALING = 2;
export const MFD_HUGETLB = 4;
export const MFD_NOEXEC_SEAL = 8;
export const MFD_EXEC = 0x10;
export const MFD_NAMES = { MFD_CLOEXEC, MFD_ALLOW_SEALING, MFD_HUGETLB, MFD_NOEXEC_SEAL, MFD_EXEC } as const;
export const FD_CLOEXEC = 1;

/** renameat2(2): linux/fs.h. */
export const RENAME_NOREPLACE = 1;
export const RENAME_EXCHANGE = 2;
export const RENAME_WHITEOUT = 4;
/** preadv2(2) and pwritev2(2): linux/fs.h. */
export const RWF_HIPRI = 1;
export const RWF_DSYNC = 2;
export const RWF_SYNC = 4;
export const RWF_NOWAIT = 8;
export const RWF_APPEND = 0x10;
export const RWF_NOAPPEND = 0x20;
/** fallocate(2): linux/falloc.h. */
export const FALLOC_FL_KEEP_SIZE = 1;
export const FALLOC_FL_PUNCH_HOLE = 2;
export const FALLOC_NAMES = {
  FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_NO_HIDE_STALE: 4, FALLOC_FL_COLLAPSE_RANGE: 8,
  FALLOC_FL_ZERO_RANGE: 0x10, FALLOC_FL_INSERT_RANGE: 0x20, FALLOC_FL_UNSHARE_RANGE: 0x40,
} as const; // biome-ignore format: a list

export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_EACCESS = 0x200;
export const AT_REMOVEDIR = 0x200;
export const AT_SYMLINK_FOLLOW = 0x400;
export const AT_NO_AUTOMOUNT = 0x800;
export const AT_EMPTY_PATH = 0x1000;
/** AT_STATX_SYNC_TYPE. */
export const AT_STATX_SYNC_TYPE = 0x6000;

export const SEEK_SET = 0;
export const SEEK_CUR = 1;
export const SEEK_END = 2;
export const SEEK_DATA = 3;
export const SEEK_HOLE = 4;
/** Whether lseek(2) knows it; SEEK_DATA and SEEK_HOLE are the last two. */
export const SEEK_MAX = 4;
export const SEEK_NAMES = ['SEEK_SET', 'SEEK_CUR', 'SEEK_END', 'SEEK_DATA', 'SEEK_HOLE'] as const;

/** Of a path, its NUL included. */
export const PATH_MAX = 4096;
/** Bytes of one name. */
export const NAME_MAX = 255;

/** As strace(1) names them, in its order. */
export const ACCESS_MODE_NAMES = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'] as const;
export const OPEN_FLAG_NAMES = {
  O_CREAT: 0x40, O_EXCL: 0x80, O_NOCTTY: 0x100, O_TRUNC: 0x200, O_APPEND, O_NONBLOCK, O_SYNC: 0x10_1000, O_DSYNC: 0x1000,
  FASYNC: O_ASYNC, O_DIRECT, O_LARGEFILE: 0x8000, O_NOFOLLOW: 0x2_0000, O_NOATIME, O_CLOEXEC, O_PATH: 0x20_0000,
  O_TMPFILE: 0x41_0000, O_DIRECTORY: 0x1_0000,
} as const; // biome-ignore format: a list
export const AT_FLAG_NAMES = {
  AT_SYMLINK_NOFOLLOW, AT_REMOVEDIR: 0x200, AT_SYMLINK_FOLLOW: 0x400, AT_NO_AUTOMOUNT, AT_EMPTY_PATH,
} as const; // biome-ignore format: a list
export const FCNTL_NAMES: Readonly<Record<number, string>> = {
  [F_DUPFD]: 'F_DUPFD', [F_GETFD]: 'F_GETFD', [F_SETFD]: 'F_SETFD', [F_GETFL]: 'F_GETFL', [F_SETFL]: 'F_SETFL',
  5: 'F_GETLK', 6: 'F_SETLK', 7: 'F_SETLKW', 8: 'F_SETOWN', 9: 'F_GETOWN', 10: 'F_SETSIG', 11: 'F_GETSIG',
  15: 'F_SETOWN_EX', 16: 'F_GETOWN_EX', [F_DUPFD_CLOEXEC]: 'F_DUPFD_CLOEXEC', [F_SETPIPE_SZ]: 'F_SETPIPE_SZ',
  36: 'F_OFD_GETLK', 37: 'F_OFD_SETLK', 38: 'F_OFD_SETLKW', 1024: 'F_SETLEASE', 1025: 'F_GETLEASE', 1026: 'F_NOTIFY',
  [F_GETPIPE_SZ]: 'F_GETPIPE_SZ', [F_ADD_SEALS]: 'F_ADD_SEALS', [F_GET_SEALS]: 'F_GET_SEALS',
}; // biome-ignore format: a table

/** File locks, owners of signals, leases: asm-generic/fcntl.h, linux/fcntl.h. */
export const F_GETLK = 5;
export const F_SETLK = 6;
export const F_SETLKW = 7;
export const F_SETOWN = 8;
export const F_GETOWN = 9;
export const F_SETSIG = 10;
export const F_GETSIG = 11;
export const F_SETOWN_EX = 15;
export const F_GETOWN_EX = 16;
export const F_OFD_GETLK = 36;
export const F_OFD_SETLK = 37;
export const F_OFD_SETLKW = 38;
export const F_SETLEASE = 1024;
export const F_GETLEASE = 1025;
export const F_NOTIFY = 1026;
export const F_RDLCK = 0;
export const F_WRLCK = 1;
export const F_UNLCK = 2;
export const LOCK_TYPE_NAMES = ['F_RDLCK', 'F_WRLCK', 'F_UNLCK'] as const;
export const F_OWNER_TID = 0;
export const F_OWNER_PID = 1;
export const F_OWNER_PGRP = 2;
export const OWNER_TYPE_NAMES = ['F_OWNER_TID', 'F_OWNER_PID', 'F_OWNER_PGRP'] as const;

/** flock(2): asm-generic/fcntl.h. */
export const LOCK_SH = 1;
export const LOCK_EX = 2;
export const LOCK_NB = 4;
export const LOCK_UN = 8;
export const LOCK_MAND = 32;
export const FLOCK_NAMES = {
  LOCK_SH, LOCK_EX, LOCK_NB, LOCK_UN, LOCK_MAND, LOCK_READ: 64, LOCK_WRITE: 128,
} as const; // biome-ignore format: a list

/** openat2(2): linux/openat2.h. */
export const RESOLVE_NO_XDEV = 1;
export const RESOLVE_NO_MAGICLINKS = 2;
export const RESOLVE_NO_SYMLINKS = 4;
export const RESOLVE_BENEATH = 8;
export const RESOLVE_IN_ROOT = 0x10;
export const RESOLVE_CACHED = 0x20;
export const RESOLVE_NAMES = {
  RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_CACHED,
} as const; // biome-ignore format: a list
/** struct open_how { u64 flags; u64 mode; u64 resolve; } */
export const OPEN_HOW_BYTES = 24;

/** close_range(2): linux/close_range.h. */
export const CLOSE_RANGE_UNSHARE = 2;
export const CLOSE_RANGE_CLOEXEC = 4;

/** setxattr(2): linux/xattr.h, linux/limits.h. */
export const XATTR_CREATE = 1;
export const XATTR_REPLACE = 2;
export const XATTR_NAME_MAX = 255;
export const XATTR_SIZE_MAX = 65536;
