/** The order of the journeys: those that take longest begin first, so that none is left running alone at the end. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By what they took on two cores beside each other; the others take less. */
const LONG = [
  ...['shipping', 'data', 'comforts', 'meetings', 'packages', 'live-database', 'spec-form', 'databases', 'containers'],
  ...['backup', 'eyes', 'models', 'imports', 'keyboard', 'start-up'],
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
