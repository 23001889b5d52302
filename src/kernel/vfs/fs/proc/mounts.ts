/** /proc/PID/mounts, mountinfo and mountstats: fs/proc_namespace.c, proc_pid_mountinfo(5). */
import { deviceMajor, deviceMinor } from '../../../../abi/stat.ts';
import type { Task } from '../../../task/task.ts';
import type { Mount } from '../../vfs.ts';

/** Names in a line of words: blanks and backslashes as octal numbers. */
const escaped = (name: string): string =>
  name.replace(/[ \t\n\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);

const rights = ({ fs }: Mount): string => (fs.isReadOnly ? 'ro' : 'rw');

/** Where a mount is as a reader sees it; undefined outside of his root. */
function placeOf({ root }: Mount, { fs }: Task): string | undefined {
  return root.isWithin(fs.root) ? root.path(fs.root) : undefined;
}

const visible = (task: Task): { mount: Mount; place: string }[] =>
  task.kernel.vfs.mounts.flatMap((mount) => {
    const place = placeOf(mount, task);
    return place === undefined ? [] : [{ mount, place }];
  });

export const describeMounts = (task: Task): string =>
  visible(task)
    .map(({ mount, place }) => {
      const { fs, source } = mount;
      return `${escaped(source)} ${escaped(place)} ${fs.type} ${rights(mount)},relatime${fs.options} 0 0\n`;
    })
    .join('');

export const describeMountInfo = (task: Task): string =>
  visible(task)
    .map(({ mount, place }) => {
      const { fs, id, root, source } = mount;
      const { covers } = root;
      const parent = covers === undefined ? 1 : (task.kernel.vfs.mountOf(covers)?.id ?? 1);
      const device = `${deviceMajor(fs.device)}:${deviceMinor(fs.device)}`;
      return `${id} ${parent} ${device} / ${escaped(place)} ${rights(mount)},relatime - ${fs.type} ${escaped(source)} ${rights(mount)}${fs.options}\n`;
    })
    .join('');

export const describeMountStats = (task: Task): string =>
  visible(task)
    .map(
      ({ mount: { fs, source }, place }) =>
        `device ${escaped(source)} mounted on ${escaped(place)} with fstype ${fs.type}\n`,
    )
    .join('');
