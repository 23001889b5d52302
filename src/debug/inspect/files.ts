/** What the descriptors of a process refer to: the files that are open, where they are, and who else has them open. */
import { ACCESS_MODE_NAMES, O_ACCMODE, OPEN_FLAG_NAMES } from '../../abi/fcntl.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../../abi/stat.ts';
import { flagParts } from '../../kernel/syscalls/args/text.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';

const KINDS = {
  [S_IFREG]: 'file', [S_IFDIR]: 'directory', [S_IFCHR]: 'character device', [S_IFBLK]: 'block device', [S_IFIFO]: 'pipe',
  [S_IFSOCK]: 'socket', [S_IFLNK]: 'symbolic link',
} as const; // biome-ignore format: a table
/** `anonymous`: an eventfd and its like, which are no file to stat(2). */
export type FileKind = (typeof KINDS)[keyof typeof KINDS] | 'anonymous';

export interface DescriptorView {
  readonly fd: number;
  /** The open file description: the same object where dup(2) or fork(2) made the descriptors. */
  readonly file: OpenFile;
  readonly kind: FileKind;
  /** Where /proc/PID/fd leads: a path, or a text such as `pipe:[4]`. */
  readonly path: string;
  readonly offset: number;
  readonly inode: number;
  readonly sizeBytes: number;
  /** `O_RDWR`, `O_APPEND`, ... */
  readonly flags: readonly string[];
  readonly closeOnExec: boolean;
  /** Descriptors and areas, of all processes, that keep it open. */
  readonly references: number;
}

/** In order of their numbers; none for a task that has ended. */
export function viewDescriptors(task: Task): DescriptorView[] {
  if (!task.isAlive()) return [];
  return task.files.numbers().map((fd) => {
    const { file, closeOnExec } = task.files.findDescriptor(fd)!;
    const { mode, inode, size } = file.stat();
    const place = file.place();
    return {
      fd,
      file,
      kind: (KINDS as Readonly<Record<number, FileKind>>)[mode & S_IFMT] ?? 'anonymous',
      path: typeof place === 'string' ? place : place.path(task.fs.root),
      offset: file.offset,
      inode,
      sizeBytes: size,
      flags: [
        ACCESS_MODE_NAMES[file.flags & O_ACCMODE],
        ...flagParts((file.flags & ~O_ACCMODE) >>> 0, OPEN_FLAG_NAMES),
      ],
      closeOnExec,
      references: file.references,
    };
  });
}
