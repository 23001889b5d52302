/**
 * What comes out differently each time a guest program runs, on Linux as here: how often somebody had to wait, addresses
 * in a text, numbers of inodes. Before two runs are compared it is replaced, in the standard output and in the normalised
 * trace (test/helpers/normalise.ts) alike.
 */
export type Varying = readonly [pattern: RegExp, word: string];

/** Whom wait4 finds first is a matter of timing. */
const WHICH_CHILD: Varying = [/(wait4\(-1, .*\) = )<[\d.]+>/g, '$1<child>'];
/** Whether somebody has to wait at all, too. */
const FUTEX_CALLS: Varying = [/^ {2}futex\(.*\n/gm, ''];
/** Entries of /proc/self/pagemap: frame numbers, at the file offset that follows from the address. */
const PAGEMAP_ENTRY: Varying = [/(pread64\(\d, )"(?:[^"\\]|\\.)*", 8, \d+\)/g, '$1<entry>)'];
/** A text of addresses, read in one piece or several. */
const READS: Varying = [/^ {2}read\(\d, .*\n/gm, ''];
/** In lines of /proc/PID/maps: device and inode, and the path up to the file's name. */
const DEVICE_AND_INODE: Varying = [/ [0-9a-f]{2}:[0-9a-f]{2} \d+ +(?:\/(?:[^/\n]*\/)*)?/g, ' <file> '];

export const VARYING: Readonly<Record<string, readonly Varying[]>> = {
  lost_update: [[/total = \d{4,6}/g, 'total = <up to 200000>']],
  mutex_update: [FUTEX_CALLS],
  process_shared_mutex: [FUTEX_CALLS, WHICH_CHILD],
  ring_buffer: [FUTEX_CALLS],
  thread: [FUTEX_CALLS],
  spinlock: [WHICH_CHILD],
  shared_cache: [WHICH_CHILD],
  config_reload: [WHICH_CHILD],
  shm_open: [WHICH_CHILD],
  shared_library: [WHICH_CHILD, PAGEMAP_ENTRY],
  pagemap_frames: [PAGEMAP_ENTRY],
  // A line is longer where the file's path is.
  proc_maps: [DEVICE_AND_INODE, READS, [/(write\(1, "[0-9a-f]{8}-.*\.\.\., )\d+\) = \d+/g, '$1<length>)']],
  print_maps: [
    DEVICE_AND_INODE,
    READS,
    [/^ {2}writev\(1, .*\n/gm, ''],
    // What Linux maps for its own fast calls, and the page for old programs.
    [/^[0-9a-f-]+ .*\[(?:vvar.*|vdso|vsyscall)\]\n/gm, ''],
    [/^[0-9a-f]{8,}-[0-9a-f]{8,} (?!.*print_maps)/gm, '<addresses> '],
  ],
  sysv_shm: [
    [/\b(shmat|shmctl)\(\d+, /g, '$1(<segment>, '],
    [/(shmget\(.*\) = )\d+/g, '$1<segment>'],
    // Who made it, and when.
    [/\b(c?[ug]id|shm_[cl]pid|shm_[acd]time)=\d+/g, '$1=<number>'],
  ],
};

export const withoutVarying = (text: string, varying: readonly Varying[]): string =>
  varying.reduce((result, [pattern, word]) => result.replace(pattern, word), text);
