/** The order of the test files: those that take longest begin first, so that none is left running alone at the end. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By what they took on two cores beside each other; the others take less. */
const LONG = [
  ...['compiler/app', 'mirror/mirrors', 'browser/browser', 'docker/docker', 'mirror/killed', 'hosting/builds'],
  ...['bubblewrap', 'compiler/roles', 'packages/packages', 'unshare', 'change-live', 'agents/models', 'check'],
  ...[
    'registration',
    'file-helper',
    'capacity',
    'people',
    'freeze',
    'attacks',
    'providers',
    'outside/live',
    'sessions',
  ],
].map((name) => `/${name}.test.ts`);
const LONG_JOURNEYS = [
  ...['shipping', 'live-database', 'crash', 'comforts', 'packages', 'meetings', 'data', 'databases', 'containers'],
  ...['spec-form', 'eyes', 'backup', 'start-up', 'keyboard', 'models', 'imports', 'outside', 'gateway'],
].map((name) => `/e2e/${name}.test.ts`);

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const long = [...LONG, ...LONG_JOURNEYS];
    const rank = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
