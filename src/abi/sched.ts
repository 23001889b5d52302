/** Flags of clone(2) and clone3(2): linux/sched.h. In clone(2) the low byte is the signal that the parent gets. */
export const CSIGNAL = 0xffn;
export const CLONE_VM = 0x0100n;
export const CLONE_FS = 0x0200n;
export const CLONE_FILES = 0x0400n;
export const CLONE_SIGHAND = 0x0800n;
export const CLONE_PIDFD = 0x1000n;
export const CLONE_PTRACE = 0x2000n;
export const CLONE_VFORK = 0x4000n;
export const CLONE_PARENT = 0x8000n;
export const CLONE_THREAD = 0x1_0000n;
export const CLONE_NEWNS = 0x2_0000n;
export const CLONE_SYSVSEM = 0x4_0000n;
export const CLONE_SETTLS = 0x8_0000n;
export const CLONE_PARENT_SETTID = 0x0010_0000n;
export const CLONE_CHILD_CLEARTID = 0x0020_0000n;
export const CLONE_DETACHED = 0x0040_0000n;
export const CLONE_UNTRACED = 0x0080_0000n;
export const CLONE_CHILD_SETTID = 0x0100_0000n;
export const CLONE_NEWCGROUP = 0x0200_0000n;
export const CLONE_NEWUTS = 0x0400_0000n;
export const CLONE_NEWIPC = 0x0800_0000n;
export const CLONE_NEWUSER = 0x1000_0000n;
export const CLONE_NEWPID = 0x2000_0000n;
export const CLONE_NEWNET = 0x4000_0000n;
export const CLONE_IO = 0x8000_0000n;
/** clone3(2)'s alone. CLONE_NEWTIME is in clone(2)'s byte of the signal. */
export const CLONE_NEWTIME = 0x80n;
export const CLONE_CLEAR_SIGHAND = 0x1_0000_0000n;
export const CLONE_INTO_CGROUP = 0x2_0000_0000n;
export const CLONE_NAMESPACES =
  CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

/** sizeof(struct clone_args) in its first version. */
export const CLONE_ARGS_BYTES_MIN = 64;

/** In the order in which strace(1) prints them, which has none for CLONE_DETACHED. */
export const CLONE_NAMES: Readonly<Record<string, bigint>> = {
  CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND, CLONE_PIDFD, CLONE_PTRACE, CLONE_VFORK, CLONE_PARENT, CLONE_THREAD,
  CLONE_NEWNS, CLONE_SYSVSEM, CLONE_SETTLS, CLONE_PARENT_SETTID, CLONE_CHILD_CLEARTID, CLONE_UNTRACED,
  CLONE_CHILD_SETTID, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_IO,
  CLONE_CLEAR_SIGHAND, CLONE_INTO_CGROUP,
}; // biome-ignore format: a list
