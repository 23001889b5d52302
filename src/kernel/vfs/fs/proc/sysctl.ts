/** /proc/sys: what the kernel is set to, as far as programs ask. proc_sys(5); only root could change it. */
import type { Kernel } from '../../../kernel.ts';
import { MAX_AREAS } from '../../../mm/limits.ts';
import type { FileSystem } from '../../file-system.ts';
import type { Inode } from '../../inode.ts';
import { type Content, ProcDirectory, ProcFile } from './nodes.ts';
import { OS_RELEASE, OS_TYPE, OS_VERSION } from './system.ts';

type Values = { readonly [name: string]: string | number | Content | Values };

export function sysctlDirectory(fs: FileSystem, kernel: Kernel): ProcDirectory {
  return new ProcDirectory(fs, () => directoriesOf(fs, kernel));
}

function directoriesOf(fs: FileSystem, kernel: Kernel): Readonly<Record<string, Inode>> {
  let bootId: string | undefined;
  const pages = kernel.frames.limit;
  const values: Values = {
    fs: {
      'aio-max-nr': 65536, 'aio-nr': 0, 'dentry-state': '0\t0\t45\t0\t0\t0',
      epoll: { max_user_watches: Math.floor(pages * 0.9) },
      'file-max': Math.max(8192, Math.floor(pages / 10)),
      'file-nr': () => `${openFiles(kernel)}\t0\t${Math.max(8192, Math.floor(pages / 10))}\n`,
      'inode-nr': '0\t0', 'inode-state': '0\t0\t0\t0\t0\t0\t0',
      inotify: { max_queued_events: 16384, max_user_instances: 128, max_user_watches: 8192 },
      'lease-break-time': 45, 'leases-enable': 1, 'mount-max': 100000,
      mqueue: { msg_default: 10, msg_max: 10, msgsize_default: 8192, msgsize_max: 8192, queues_max: 256 },
      'nr_open': 1048576, overflowgid: 65534, overflowuid: 65534, 'pipe-max-size': 1048576, 'pipe-user-pages-hard': 0,
      'pipe-user-pages-soft': 16384, protected_fifos: 0, protected_hardlinks: 1, protected_regular: 0, protected_symlinks: 0,
      suid_dumpable: 0,
    },
    kernel: {
      arch: 'x86_64', cap_last_cap: 40, core_pattern: 'core', core_uses_pid: 0, domainname: '(none)', hostname: 'pml4',
      msgmax: 8192, msgmnb: 16384, msgmni: 32000, ngroups_max: 65536, osrelease: OS_RELEASE, ostype: OS_TYPE,
      overflowgid: 65534, overflowuid: 65534, pid_max: 4194304, printk: '4\t4\t1\t7', pty: { max: 4096 },
      random: {
        boot_id: () => `${(bootId ??= uuid(kernel.random(16)))}\n`, entropy_avail: 256, poolsize: 256, uuid: () => `${uuid(kernel.random(16))}\n`,
        write_wakeup_threshold: 256,
      },
      randomize_va_space: 2, sched_rr_timeslice_ms: 100, sem: '32000\t1024000000\t500\t32000',
      shmall: '18446744073692774399', shmmax: '18446744073692774399', shmmni: 4096, tainted: 0,
      'threads-max': Math.max(20, Math.floor(pages / 32)), version: OS_VERSION,
    },
    net: {
      core: { rmem_default: 212992, rmem_max: 212992, somaxconn: 4096, wmem_default: 212992, wmem_max: 212992 },
      ipv4: { ip_forward: 0, ip_local_port_range: '32768\t60999', tcp_rmem: '4096\t131072\t6291456', tcp_wmem: '4096\t16384\t4194304' },
      unix: { max_dgram_qlen: 10 },
    },
    vm: {
      admin_reserve_kbytes: 8192, dirty_background_ratio: 10, dirty_ratio: 20, legacy_va_layout: 0, max_map_count: MAX_AREAS,
      min_free_kbytes: 0, mmap_min_addr: 65536, nr_hugepages: 0, oom_kill_allocating_task: 0, overcommit_kbytes: 0,
      overcommit_memory: 0, overcommit_ratio: 50, 'page-cluster': 3, panic_on_oom: 0, swappiness: 60, user_reserve_kbytes: 131072,
    },
  }; // biome-ignore format: a table
  return nodesOf(fs, values);
}

function nodesOf(fs: FileSystem, values: Values): Readonly<Record<string, Inode>> {
  const nodes = Object.entries(values).map(([name, value]): [string, Inode] => {
    if (typeof value === 'object') return [name, new ProcDirectory(fs, () => nodesOf(fs, value))];
    return [name, new ProcFile(fs, 0o444, typeof value === 'function' ? value : () => `${value}\n`)];
  });
  return Object.fromEntries(nodes);
}

const openFiles = (kernel: Kernel): number =>
  new Set(
    kernel
      .processes()
      .flatMap(({ threads }) => threads.flatMap(({ files }) => files.numbers().map((fd) => files.findRaw(fd)))),
  ).size;

/** RFC 4122, version 4. */
function uuid(bytes: Uint8Array): string {
  const own = Uint8Array.from(bytes);
  own[6] = (own[6] & 0x0f) | 0x40;
  own[8] = (own[8] & 0x3f) | 0x80;
  const text = [...own].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}
