/** What the two file systems that show directories of the host have in common: attributes, owners, pages. */
import { EIO, type Errno, errnoNamed } from '../../../abi/errno.ts';
import { PAGE_SIZE } from '../../../base/ints.ts';
import type { HostFile, HostStat, HostUser } from '../../../host/files.ts';
import { HostError } from '../../../host/host.ts';
import type { PageSource } from '../../mm/page-cache.ts';
import { GROUP_ID, USER_ID } from '../../task/credentials.ts';
import type { Inode, NewInode } from '../inode.ts';

/** The guest's user is who runs pml4: his files are the user's own. Everybody else keeps his number. */
export class Owners {
  private readonly _user: HostUser;
  constructor(user: HostUser) {
    this._user = user;
  }
  init({ mode, uid, gid, rdev }: HostStat): NewInode {
    return {
      mode,
      uid: uid === this._user.uid ? USER_ID : uid,
      gid: gid === this._user.gid ? GROUP_ID : gid,
      rdev,
    };
  }
}

/** Links and times as the host has them. */
export function takeTimes(inode: Inode, stat: HostStat): void {
  inode.links = stat.links;
  inode.accessed = stat.accessed;
  inode.modified = stat.modified;
  inode.changed = stat.changed;
}

export const errnoOf = ({ code }: HostError): Errno => errnoNamed(code) ?? EIO;

/** Pages that are read from a file of the host; `writes`: and written back to it. */
export function hostPages(file: HostFile, writes: boolean): PageSource {
  const source: PageSource = {
    // A page that cannot be read is zeros: the host's file was cut off or is gone.
    readPage: (index, page) => void file.read(index * PAGE_SIZE, page),
  };
  if (!writes) return source;
  return {
    ...source,
    writePage: (index, bytes) => {
      const failed = file.write(index * PAGE_SIZE, bytes);
      return failed && errnoOf(failed);
    },
  };
}

/** A name of the guest as the host has it is exact in both directions: `nameOfBytes`. */
export const orErrno = <T>(result: T | HostError): T | Errno =>
  result instanceof HostError ? errnoOf(result) : result;
