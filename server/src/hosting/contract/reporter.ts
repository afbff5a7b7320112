/** Says at the end of a run over which sandbox drivers the contract was run, and over which it was not: nobody has to look for it. */
import type { Reporter, TestModule } from 'vitest/node';

export default class DriversReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const [tested, skipped] = [new Set<string>(), new Set<string>()];
    for (const module of modules.filter(({ moduleId }) => moduleId.includes('/hosting/drivers/'))) {
      for (const suite of module.children.suites()) {
        const [name = '', about = ''] = suite.name.split(/: (.*)/);
        const states = [...suite.children.allTests()].map((test) => test.result().state);
        if (about.startsWith('not run')) skipped.add(`${name} (${about})`);
        else if (about.startsWith('a ') && states.some((state) => state === 'passed' || state === 'failed'))
          tested.add(name);
      }
    }
    if (tested.size > 0) console.log(`\nSandbox drivers tested: ${[...tested].join(', ')}`);
    if (skipped.size > 0) console.log(`Sandbox drivers not tested: ${[...skipped].join(', ')}`);
  }
}
