import { expect, test } from 'vitest';
import { withoutCredentials } from '../../src/pipeline/git-state.js';

test.each([
  ['https://ann:secret@host.org/a/b.git', 'https://host.org/a/b.git'],
  ['https://token@host.org:8443/a@b.git?key=1#x', 'https://host.org:8443/a@b.git'],
  ['ssh://git@host.org/a.git', 'ssh://host.org/a.git'],
  ['git@host.org:a/b.git', 'host.org:a/b.git'],
  ['/srv/repositories/a.git', '/srv/repositories/a.git'],
])('%s is kept as %s', (remote, kept) => {
  expect(withoutCredentials(remote)).toBe(kept);
});
