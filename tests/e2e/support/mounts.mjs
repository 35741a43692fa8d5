// A small file system of our own, for full and read-only disks.

import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

import { removeFolder, temporaryFolder } from './processes.mjs';

const run = promisify(execFile);
const mounted = new Set();
process.prependListener('exit', () => {
  for (const path of mounted) {
    try {
      execFileSync('umount', ['--lazy', path]);
    } catch {
      // It is gone already.
    }
  }
});

let reason;

/** Why this machine lets us mount nothing, or an empty text. */
export async function whyNoMount() {
  reason ??= await mountTmpfs('1m').then(
    async (mount) => {
      await mount.remove();
      return '';
    },
    (error) => `mounting a tmpfs needs root: ${String(error.message).split('\n')[0]}`,
  );
  return reason;
}

export async function mountTmpfs(size) {
  const path = await temporaryFolder('chatconnect-disk-');
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'chatconnect-e2e', path]);
  } catch (error) {
    await removeFolder(path);
    throw error;
  }
  mounted.add(path);
  return {
    path,
    makeReadOnly: () => run('mount', ['-o', 'remount,ro', path]),
    async remove() {
      await run('umount', [path]).catch(() => run('umount', ['--lazy', path]));
      mounted.delete(path);
      await removeFolder(path);
    },
  };
}
