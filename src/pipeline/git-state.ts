import { spawnSync } from 'node:child_process';

/** Where the code and settings of a run came from. */
export interface GitState {
  readonly commit: string;
  /** Null where no branch is checked out. */
  readonly branch: string | null;
  /** Whether tracked files differ from the commit. */
  readonly isDirty: boolean;
  /** The remote `origin`, without user, password, token or query; null where there is none. */
  readonly remote: string | null;
}

/** The git state of a folder; null where git is absent or the folder is in no repository with a commit. */
export function readGitState(folder: string): GitState | null {
  const commit = git(folder, 'rev-parse', 'HEAD');
  if (commit === null) return null;
  const remote = git(folder, 'config', '--get', 'remote.origin.url');
  const status = git(folder, 'status', '--porcelain', '--untracked-files=no');
  return {
    commit,
    branch: git(folder, 'symbolic-ref', '--short', '--quiet', 'HEAD'),
    isDirty: status !== null && status !== '',
    remote: remote === null ? null : withoutCredentials(remote),
  };
}

/** An address without what may let somebody in: what stands before `@`, and what follows `?` or `#`. */
export function withoutCredentials(remote: string): string {
  const address = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/i.exec(remote);
  // `host:path` of ssh, or a folder of this machine.
  if (address === null) return remote.replace(/^[^/]*@(?=[^/]*:)/, '');
  const [, scheme, rest] = address;
  const [place] = rest.split(/[?#]/, 1);
  const slash = place.includes('/') ? place.indexOf('/') : place.length;
  const host = place.slice(0, slash);
  return `${scheme}${host.slice(host.lastIndexOf('@') + 1)}${place.slice(slash)}`;
}

function git(folder: string, ...args: readonly string[]): string | null {
  const { status, stdout } = spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
