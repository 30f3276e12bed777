import { readFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

interface ListedSkip {
  /** A regular expression over `file > suite > test`. */
  readonly test: string;
  /** The condition under which the skip is allowed. */
  readonly reason: string;
}

/** Lists skipped tests with their reasons, fails the run on a skip that `skips.json` doesn't list, and prints the counts. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const listed: ListedSkip[] = JSON.parse(readFileSync(new URL('./skips.json', import.meta.url), 'utf8'));
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      if (module.state() === 'failed' && module.errors().length > 0) counts.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed++;
        else if (state === 'failed') counts.failed++;
        else {
          counts.skipped++;
          if (!this.isListed(test, listed)) counts.failed++;
        }
      }
    }
    counts.failed += errors.length;
    console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    if (counts.failed > 0) process.exitCode = 1;
  }

  private isListed(test: TestCase, listed: readonly ListedSkip[]): boolean {
    const name = `${test.module.moduleId.replace(/^.*\/test\//, 'test/')} > ${test.fullName}`;
    const result = test.result();
    const note = result.state === 'skipped' ? (result.note ?? '') : '';
    const entry = listed.find((skip) => new RegExp(skip.test).test(name));
    console.log(`skipped: ${name}: ${note || entry?.reason || 'NOT LISTED in test/skips.json'}`);
    return entry !== undefined;
  }
}
