/** Capabilities and their calls: linux/capability.h, linux/securebits.h. */
export const CAP_NAMES = [
  'CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH', 'CAP_FOWNER', 'CAP_FSETID', 'CAP_KILL', 'CAP_SETGID',
  'CAP_SETUID', 'CAP_SETPCAP', 'CAP_LINUX_IMMUTABLE', 'CAP_NET_BIND_SERVICE', 'CAP_NET_BROADCAST', 'CAP_NET_ADMIN',
  'CAP_NET_RAW', 'CAP_IPC_LOCK', 'CAP_IPC_OWNER', 'CAP_SYS_MODULE', 'CAP_SYS_RAWIO', 'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE', 'CAP_SYS_PACCT', 'CAP_SYS_ADMIN', 'CAP_SYS_BOOT', 'CAP_SYS_NICE', 'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME', 'CAP_SYS_TTY_CONFIG', 'CAP_MKNOD', 'CAP_LEASE', 'CAP_AUDIT_WRITE', 'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP', 'CAP_MAC_OVERRIDE', 'CAP_MAC_ADMIN', 'CAP_SYSLOG', 'CAP_WAKE_ALARM', 'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ', 'CAP_PERFMON', 'CAP_BPF', 'CAP_CHECKPOINT_RESTORE',
] as const; // biome-ignore format: a list by number
/** struct __user_cap_header_struct: u32 version, int pid. Data: effective, permitted, inheritable, once or twice. */
export const CAP_HEADER_BYTES = 8;
export const CAP_VERSION_1 = 0x1998_0330;
export const CAP_VERSION_2 = 0x2007_1026;
export const CAP_VERSION_3 = 0x2008_0522;
export const CAP_VERSION_NAMES: Readonly<Record<number, string>> = {
  [CAP_VERSION_1]: '_LINUX_CAPABILITY_VERSION_1',
  [CAP_VERSION_2]: '_LINUX_CAPABILITY_VERSION_2',
  [CAP_VERSION_3]: '_LINUX_CAPABILITY_VERSION_3',
};
/** Bytes of the data of a version; undefined: no such version. */
export const capabilityBytes = (version: number): number | undefined =>
  version === CAP_VERSION_1 ? 12 : version === CAP_VERSION_2 || version === CAP_VERSION_3 ? 24 : undefined;
